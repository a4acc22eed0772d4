// Tokens as the extension mints them: crates/core/src/token.rs says how.

import { createHmac, randomBytes } from 'node:crypto';

/** How many characters a token has. */
export const TOKEN_LEN = 36;

/** Days from the Unix epoch to 2020-01-01, from which a token's last day is counted. */
const FIRST_DAY = 18_262;

/** For how many days a token records, as the extension mints it. */
const RECORDED_DAYS = 90;

/** What a token is for. */
export const KIND = { image: 1, link: 2, imagePage: 3, receiptPage: 4, consentPage: 5 };

const bytes = (value) => (typeof value === 'string' ? Buffer.from(value, 'base64url') : value);

/**
 * Mints a token of `account`, whose id and key are bytes or base64url; `extra` is a link's target.
 *
 * @param {number} kind
 * @param {{ account: string | Buffer, key: string | Buffer }} account
 * @param {{ message?: Buffer, extra?: string }} [more]
 */
export function mint(kind, { account, key }, { message = randomBytes(8), extra = '' } = {}) {
  const until = Buffer.alloc(2);
  until.writeUInt16BE(Math.floor(Date.now() / 86_400_000) - FIRST_DAY + RECORDED_DAYS);
  const body = Buffer.concat([Buffer.of(kind), bytes(account), message, until]);
  const tag = createHmac('sha256', bytes(key)).update(body).update(extra).digest().subarray(0, 8);
  return Buffer.concat([body, tag]).toString('base64url');
}

/** The message that a token stands for, as the API names it. */
export function messageOf(token) {
  return Buffer.from(token, 'base64url').subarray(9, 17).toString('base64url');
}

/** The last day on which a token records anything, in days since 2020-01-01 (UTC). */
export function lastDayOf(token) {
  return Buffer.from(token, 'base64url').readUInt16BE(17);
}
