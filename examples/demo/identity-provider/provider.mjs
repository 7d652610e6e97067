/** The provider itself: what oidc-provider is told about protocol, clients, users and pages. */

import { randomBytes } from 'node:crypto';

import Provider, { errors } from 'oidc-provider';

import { signInPages } from './interactions.mjs';
import { fetchWithLoopback } from './loopback_fetch.mjs';
import * as pages from './pages.mjs';

/** A Koa application that serves the provider described by `settings`, knows `users` and signs with `jwks` (private keys). */
export function demoProvider(settings, users, jwks) {
  const provider = new Provider(settings.issuer, {
    jwks,
    clients: settings.clients,
    findAccount: (_ctx, id) => users.account(id),
    claims: claimsByScope(users),
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    features: features(settings.resources),
    fetch: fetchWithLoopback,
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    loadExistingGrant: grantEverythingAsked,
    pkce: { required: () => true },
    renderError: (ctx, out) => pages.send(ctx, ctx.status, pages.problem(out)),
    responseTypes: ['code'],
    rotateRefreshToken: true,
    ttl: lifetimes(settings.token_lifetimes),
    clientBasedCORS: () => false,
  });
  provider.use(signInPages(provider, users, settings.list_users));
  reportFailures(provider);
  return provider;
}

// What a developer of a relying party wants to read; the error answers themselves stay as terse as the protocol has them.
function reportFailures(provider) {
  const report = (text) => console.error(`identity provider: ${text}`);
  for (const event of ['authorization.error', 'end_session.error', 'grant.error', 'pushed_authorization_request.error']) {
    provider.on(event, (_ctx, error) => report(`${event}: ${error.error}: ${error.error_detail ?? error.error_description}`));
  }
  provider.on('backchannel.error', (_ctx, error, client) => {
    report(`back-channel logout of \`${client.clientId}\` failed: ${error.message}`);
  });
  provider.on('server_error', (ctx, error) => report(`${ctx.method} ${ctx.path}: ${error.stack}`));
}

function features(resources) {
  return {
    backchannelLogout: { enabled: true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    jwtUserinfo: { enabled: true },
    introspection: { enabled: true, allowedPolicy: ownToken },
    resourceIndicators: resources.length ? signedTokensFor(resources) : { enabled: false },
    revocation: { enabled: true, allowedPolicy: ownToken },
    rpInitiatedLogout: {
      logoutSource: (ctx, form) => pages.send(ctx, 200, pages.signOut(ctx, form)),
      postLogoutSuccessSource: (ctx) => pages.send(ctx, 200, pages.signedOut()),
    },
  };
}

// Access tokens for one of these (RFC 8707) are signed (RFC 9068); all others are opaque.
function signedTokensFor(resources) {
  return {
    enabled: true,
    defaultResource: () => [],
    useGrantedResource: () => true,
    getResourceServerInfo(_ctx, resource) {
      if (!resources.includes(resource)) throw new errors.InvalidTarget();
      return { audience: resource, scope: '', accessTokenFormat: 'jwt' };
    },
  };
}

function ownToken(_ctx, client, token) {
  return token.clientId === client.clientId;
}

// `groups` comes with `profile` too, as administrators of Keycloak or Authentik usually set it up: a client that knows
// only the standard scopes (OpenID Connect Core, section 5.4) learns them.
function claimsByScope(users) {
  const email = ['email', 'email_verified'];
  const profile = ['name', 'groups', ...users.claimNames().filter((name) => !email.includes(name))];
  return { openid: ['sub'], email, profile: [...new Set(profile)], groups: ['groups'] };
}

// Every client here is first-party: nobody is asked for consent.
async function grantEverythingAsked(ctx) {
  const { client, provider, session, result } = ctx.oidc;
  const id = result?.consent?.grantId || session.grantIdFor(client.clientId);
  const known = id && await provider.Grant.find(id);
  const grant = known || new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope([...ctx.oidc.requestParamOIDCScopes].join(' '));
  grant.addOIDCClaims([...ctx.oidc.requestParamClaims]);
  await grant.save();
  return grant;
}

function lifetimes(seconds) {
  return {
    AccessToken: seconds.access_token,
    AuthorizationCode: 60,
    ClientCredentials: seconds.access_token,
    Grant: seconds.session,
    IdToken: seconds.id_token,
    Interaction: 3600,
    RefreshToken: seconds.refresh_token,
    Session: seconds.session,
  };
}
