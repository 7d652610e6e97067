/** The made-up users: who they are, which claims they have, and whether a password is theirs. */

import { createHash, timingSafeEqual } from 'node:crypto';

// How a user signs in; not claims.
const CREDENTIALS = new Set(['id', 'password', 'username']);

export class Users {
  #all;

  constructor(users) {
    this.#all = users;
  }

  /** From now on these are the users. Claims that none had before are not announced. */
  replace(users) {
    this.#all = users;
  }

  list() {
    return this.#all;
  }

  /** The user called `name` (e-mail address, username or id), or undefined. */
  named(name) {
    if (!name) return undefined; // Or it would equal the username of those who have none.
    return this.#all.find((user) => [user.email, user.username, user.id].includes(name));
  }

  /** The user, if both the name and the password are right, else undefined. */
  authenticate(name, password) {
    const user = this.named(name);
    return user && sameText(user.password, password) ? user : undefined;
  }

  /** The account as the library wants it, or undefined when nobody has this id. */
  account(id) {
    const user = this.#all.find((one) => one.id === id);
    return user && { accountId: id, claims: async () => ({ sub: id, ...publicClaims(user) }) };
  }

  /** The names of all claims that any user has, sorted. */
  claimNames() {
    return [...new Set(this.#all.flatMap((user) => Object.keys(publicClaims(user))))].sort();
  }
}

function publicClaims(user) {
  return Object.fromEntries(Object.entries(user).filter(([name]) => !CREDENTIALS.has(name)));
}

function sameText(left, right) {
  const digest = (text) => createHash('sha256').update(String(text)).digest();
  return timingSafeEqual(digest(left), digest(right));
}
