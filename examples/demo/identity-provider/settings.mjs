/** The settings file: JSON, described key by key in README.md. */

import { readFileSync } from 'node:fs';

export class SettingsError extends Error {}

const KEYS = ['clients', 'issuer', 'list_users', 'listen', 'resources', 'token_lifetimes', 'users'];
const LIFETIMES = { access_token: 3600, id_token: 3600, refresh_token: 14 * 86400, session: 14 * 86400 };
const CLIENT = { grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'] };

/** The settings in `file`, complete with defaults. Throws a SettingsError that names what to repair. */
export function readSettings(file) {
  const given = parse(file);
  for (const key of Object.keys(given)) {
    if (!KEYS.includes(key)) throw new SettingsError(`${file}: unknown key \`${key}\`; known are ${KEYS.join(', ')}`);
  }
  for (const key of ['listen', 'issuer', 'clients', 'users']) {
    if (given[key] === undefined) throw new SettingsError(`${file}: \`${key}\` is missing`);
  }
  for (const user of given.users) {
    if (!user.id || !user.password || !user.email) {
      throw new SettingsError(`${file}: a user needs \`id\`, \`password\` and \`email\`, got ${JSON.stringify(user)}`);
    }
  }
  return {
    ...given,
    list_users: given.list_users ?? true,
    resources: given.resources ?? [],
    token_lifetimes: lifetimes(file, given.token_lifetimes ?? {}),
    clients: given.clients.map((client) => ({ ...CLIENT, ...client })),
  };
}

function parse(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new SettingsError(`cannot read \`${file}\`: ${error.message}`);
  }
}

function lifetimes(file, given) {
  for (const [name, seconds] of Object.entries(given)) {
    if (!(name in LIFETIMES)) throw new SettingsError(`${file}: unknown lifetime \`${name}\``);
    if (!Number.isInteger(seconds) || seconds < 1) {
      throw new SettingsError(`${file}: \`token_lifetimes.${name}\` must be whole seconds above 0, got \`${seconds}\``);
    }
  }
  return { ...LIFETIMES, ...given };
}
