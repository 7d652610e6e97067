/** The provider's keys: made at start, gone at the end. */

import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** A private JWK Set (RFC 7517) with one key for RS256, the default, and one for ES256. */
export async function signingKeys() {
  const rsa = await generate('rsa', { modulusLength: 2048 });
  const ec = await generate('ec', { namedCurve: 'P-256' });
  return {
    keys: [
      { ...rsa.privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: kid('rsa') },
      { ...ec.privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig', kid: kid('ec') },
    ],
  };
}

// A fresh name at each start, so that whoever caches keys learns that these are others.
function kid(kind) {
  return `${kind}-${randomBytes(6).toString('hex')}`;
}
