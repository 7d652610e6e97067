/** The sign-in form: GET shows it, POST checks name and password and hands back to the protocol. */

import { text } from 'node:stream/consumers';

import { errors } from 'oidc-provider';

import * as pages from './pages.mjs';

const PATH = /^\/interaction\/[\w-]+$/;
const FORM_LIMIT = 8192;

/** Koa middleware that answers /interaction/:uid and leaves every other path alone. */
export function signInPages(provider, users, listUsers) {
  return async function interaction(ctx, next) {
    if (!PATH.test(ctx.path)) return next();
    try {
      const details = await provider.interactionDetails(ctx.req, ctx.res);
      return await answer(ctx, details);
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      return pages.send(ctx, 400, pages.expired());
    }
  };

  async function answer(ctx, details) {
    // Consent is given for the asking, also where the client insists on the question (prompt=consent).
    if (details.prompt.name === 'consent') return finish(ctx, { consent: {} });
    if (details.prompt.name !== 'login') throw new Error(`no page for the prompt ${details.prompt.name}`);
    if (ctx.method === 'POST') return signIn(ctx);
    const chosen = listUsers ? users.named(ctx.query.as) : undefined;
    return show(ctx, 200, { username: chosen?.email ?? details.params.login_hint, password: chosen?.password });
  }

  async function signIn(ctx) {
    const form = await readForm(ctx);
    if (form === undefined) return pages.send(ctx, 413, pages.problem({ error: 'the form is too large' }));
    const username = (form.get('username') ?? '').trim();
    const user = users.authenticate(username, form.get('password') ?? '');
    if (!user) return show(ctx, 422, { username, wrong: true });
    return finish(ctx, { login: { accountId: user.id, amr: ['pwd'] } });
  }

  async function finish(ctx, result) {
    const returnTo = await provider.interactionResult(ctx.req, ctx.res, result, { mergeWithLastSubmission: true });
    ctx.status = 303;
    ctx.redirect(returnTo);
  }

  function show(ctx, status, filled) {
    pages.send(ctx, status, pages.signIn({ ...filled, path: ctx.path, users: listUsers ? users.list() : [] }));
  }
}

/** The fields of a posted form, or undefined if it is too large or does not say how large it is. */
async function readForm(ctx) {
  if (!(ctx.request.length <= FORM_LIMIT)) return undefined;
  return new URLSearchParams(await text(ctx.req));
}
