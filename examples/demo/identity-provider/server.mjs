/**
 * The demo's identity provider: `node server.mjs settings.json`.
 *
 * A certified OpenID provider (npm `oidc-provider`) with made-up users, kept in memory: whoever restarts it is
 * signed out. Prints one line on standard output, `{"listening": "http://..."}`, when it accepts connections;
 * everything else goes to standard error. TERM and INT end it at once; HUP has it read the users again, whose sessions
 * and tokens go on.
 */

import * as http from 'node:http';
import process from 'node:process';

import { signingKeys } from './keys.mjs';
import { demoProvider } from './provider.mjs';
import { readSettings, SettingsError } from './settings.mjs';
import { Users } from './users.mjs';

// The library reports notices with console.info; standard output carries the one ready line alone.
console.info = console.error;
console.log = console.error;

function fail(message) {
  console.error(`identity provider: ${message}`);
  process.exit(1);
}

process.on('uncaughtException', (error) => fail(`stopped by an unexpected error: ${error.stack}`));
process.on('unhandledRejection', (reason) => {
  console.error(`identity provider: a request failed, the others go on: ${reason?.stack ?? reason}`);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));

async function start(file) {
  if (file === undefined) fail('no settings given; use `node server.mjs settings.json`');
  const settings = readSettings(file);
  const users = new Users(settings.users);
  process.on('SIGHUP', () => readUsers(file, users));
  const provider = demoProvider(settings, users, await signingKeys());
  const { host, port } = settings.listen;
  const server = http.createServer(provider.callback());
  server.on('error', (error) => fail(`cannot listen on \`${host}:${port}\`: ${error.message}`));
  server.listen(port, host, () => {
    process.stdout.write(`${JSON.stringify({ listening: `http://${host}:${port}` })}\n`);
  });
}

function readUsers(file, users) {
  try {
    users.replace(readSettings(file).users);
    console.error('identity provider: the users were read again');
  } catch (error) {
    console.error(`identity provider: the users stay as they are: ${error.message}`);
  }
}

await start(process.argv[2]).catch((error) => {
  fail(error instanceof SettingsError ? error.message : error.stack);
});
