/**
 * How the programs of recipients fetch images: user agent and headers as mail services' public
 * documents and logs have them.
 */
export const PROGRAMS = {
  gmail: { 'user-agent': 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)', accept: '*/*' },
  prefetch: {
    'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
    accept: '*/*',
  },
  apple: { 'user-agent': 'Mozilla/5.0', accept: '*/*' },
  scanner: { 'user-agent': 'Barracuda Sentinel (EE)', accept: '*/*' },
  outlook: { 'user-agent': 'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17928; Pro)', accept: '*/*' },
  firefox: {
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    accept: 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
    'accept-language': 'en-US,en;q=0.5',
  },
};
