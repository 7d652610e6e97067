/** The provider's pages: plain HTML, one stylesheet, nothing from elsewhere, usable without JavaScript. */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const STYLE = readFileSync(new URL('./style.css', import.meta.url), 'utf8');

/** Text that went through `html` and needs no escaping. */
class Markup {
  constructor(text) {
    this.text = text;
  }
}

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function render(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(render).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
}

/** A template tag: everything interpolated is escaped, except what `html` itself made. */
function html(strings, ...values) {
  return new Markup(strings.reduce((text, string, i) => text + render(values[i - 1]) + string));
}

/**
 * Answers with a page. Scripts and styles run by nonce only. There is no `form-action`: browsers apply it to the
 * redirects after a form as well, and those lead to the relying party.
 */
export function send(ctx, status, { title, body, script }) {
  const nonce = randomBytes(16).toString('base64');
  ctx.status = status;
  ctx.type = 'html';
  ctx.set('cache-control', 'no-store');
  ctx.set('content-security-policy', `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`);
  ctx.set('referrer-policy', 'no-referrer');
  ctx.set('x-content-type-options', 'nosniff');
  ctx.body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Demo identity provider</title>
<style nonce="${nonce}">${new Markup(STYLE)}</style>
</head>
<body>
<main>
<p class="brand"><span class="mark" aria-hidden="true"></span>Demo identity provider</p>
${body}
</main>
${script && html`<script nonce="${nonce}">${new Markup(script)}</script>`}
</body>
</html>
`.text;
}

/** The sign-in form; `users` are listed below it, each a link that fills it in. */
export function signIn({ path, username, password, wrong, users }) {
  return {
    title: 'Sign in',
    body: html`<h1>Sign in</h1>
${wrong && html`<p class="alert" role="alert" id="wrong">That name and password do not belong together. Please try again.</p>`}
<form method="post" action="${path}">
<label for="username">E-mail or username</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${username}"${new Markup(username ? '' : ' autofocus')}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required value="${password}"${new Markup(username && !password ? ' autofocus' : '')}>
<button type="submit"${new Markup(password ? ' autofocus' : '')}>Sign in</button>
</form>
${users.length > 0 && userList(path, users)}`,
  };
}

function userList(path, users) {
  return html`<section class="users" aria-labelledby="who">
<h2 id="who">Made-up users</h2>
<ul>${users.map((user) => html`
<li><a href="${path}?as=${encodeURIComponent(user.id)}"><span class="who"><strong>${user.name ?? user.id}</strong><span>${user.email}</span></span><code title="password">${user.password}</code></a></li>`)}
</ul>
<p class="hint">Choose one to fill in the form.</p>
</section>`;
}

/**
 * The question before a sign-out (RP-Initiated Logout 1.0, section 2). A client that shows an ID token of the very user
 * needs no question: the form submits itself. Without JavaScript the button remains.
 */
export function signOut(ctx, form) {
  const { IdTokenHint: hint } = ctx.oidc.entities;
  const sure = hint !== undefined && hint.payload.sub === ctx.oidc.session.accountId;
  return {
    title: 'Sign out',
    body: html`<h1>Sign out?</h1>
<p>You will be signed out here and, with that, of the applications that sign you in through this provider.</p>
${new Markup(form)}
<div class="choices">
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Yes, sign me out</button>
<button type="submit" form="op.logoutForm" class="quiet">No, stay signed in</button>
</div>`,
    script: sure && "document.querySelector('button[name=logout]').click();",
  };
}

export function signedOut() {
  return { title: 'Signed out', body: html`<h1>Signed out</h1><p>You can close this page.</p>` };
}

export function expired() {
  return {
    title: 'Expired',
    body: html`<h1>This sign-in has expired</h1>
<p>It was finished already, took longer than an hour, or began in another browser. Go back to the application and open it again.</p>`,
  };
}

/** An error of the protocol; `out` holds `error` and perhaps more, all of it shown as text. */
export function problem(out) {
  return {
    title: 'Error',
    body: html`<h1>That did not work</h1>
<dl>${Object.entries(out).filter(([, value]) => value !== undefined).map(([name, value]) => html`<dt>${name.replaceAll('_', ' ')}</dt><dd>${value}</dd>`)}</dl>`,
  };
}
