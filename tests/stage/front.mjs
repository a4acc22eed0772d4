import http from 'node:http';

/**
 * A pass-through between the browser and the backend that tells `record` about every request, so
 * that a test sees what the browser itself fetched. Where the backend is down, connections break.
 * @param {number} port the backend's port
 * @param {(request: http.IncomingMessage) => void} record
 * @returns {http.Server} not yet listening
 */
export function frontOf(port, record) {
  return http.createServer((request, answer) => {
    record(request);
    const onward = http.request({ host: '127.0.0.1', port, method: request.method, path: request.url, headers: request.headers }, (reply) => {
      answer.writeHead(reply.statusCode, reply.headers);
      reply.pipe(answer);
      reply.on('error', () => answer.destroy());
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => onward.destroy());
    request.pipe(onward);
  });
}
