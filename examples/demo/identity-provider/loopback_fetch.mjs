/**
 * The provider's outgoing requests (back-channel logout, jwks_uri), for a demo that lives on one machine.
 *
 * The library refuses loopback addresses, rightly so for a provider on the internet. Here they are where the relying
 * party is, and `*.localhost` is loopback by RFC 6761 section 6.3 although many resolvers do not know it. A local
 * certificate authority is trusted by NODE_EXTRA_CA_CERTS. Any other address keeps the library's guard.
 */

import * as http from 'node:http';
import * as https from 'node:https';

export function fetchWithLoopback(url, options) {
  const target = new URL(url);
  return isLoopback(target.hostname) ? send(target, options) : globalThis.fetch(url, options);
}

export function isLoopback(hostname) {
  return hostname === 'localhost' || hostname.endsWith('.localhost')
    || /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === '[::1]';
}

function send(target, { method = 'GET', headers, body, signal }) {
  const { request } = target.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(target, { method, headers: Object.fromEntries(headers ?? []), lookup, signal }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => resolve(answer(incoming, Buffer.concat(chunks))));
    });
    outgoing.on('error', reject);
    // With a length, not chunked: the body is small and whole.
    const bytes = Buffer.from(body === undefined ? '' : body.toString());
    if (bytes.length) outgoing.setHeader('content-length', bytes.length);
    outgoing.end(bytes);
  });
}

function answer(incoming, body) {
  const empty = [101, 204, 205, 304].includes(incoming.statusCode);
  return new Response(empty ? null : body, { status: incoming.statusCode, headers: pairs(incoming.rawHeaders) });
}

function pairs(raw) {
  return Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i], raw[2 * i + 1]]);
}

function lookup(_hostname, options, done) {
  const address = { address: '127.0.0.1', family: 4 };
  if (options.all) done(null, [address]);
  else done(null, address.address, address.family);
}
