// Keeps the access token of the signed-in user, in this browser tab only, and sends it with the page's requests.
//
// Every answer that holds a session (logIn, registerUser, refreshSession, changePassword) replaces the one that is kept;
// the bar at the top says whose it is and lets it go. An authorization header written into GraphiQL's header editor wins.
//
// The box in the bar asks for the query plan and the timing of each fetch, which the answer then has under `extensions.debug`.
(() => {
  'use strict';
  const STORAGE_KEY = 'stockgraph.accessToken';
  const bar = document.getElementById('session');
  const status = bar.querySelector('output');
  const signOut = bar.querySelector('button[name=sign-out]');
  const paste = bar.querySelector('form');
  const debug = bar.querySelector('input[name=debug]');

  /** The token's payload, unverified: it is read for display only, the server alone decides what the token is worth. */
  function claims(token) {
    try {
      const base64 = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
      return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)))) ?? {};
    } catch {
      return {};
    }
  }

  function kept() {
    return JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null');
  }

  /** Lets go of a token whose time is up: the server would refuse even what needs no token. */
  function forgetExpired() {
    const session = kept();
    if (session && claims(session.token).exp * 1000 < Date.now()) {
      forget(`The session of ${session.name} has ended: run LogIn again.`);
    }
  }

  function keep(token, name) {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ token, name }));
    show();
  }

  function forget(reason) {
    sessionStorage.removeItem(STORAGE_KEY);
    show(reason);
  }

  function show(reason = 'Not signed in: run LogIn, or paste an access token.') {
    const session = kept();
    const exp = session && claims(session.token).exp;
    const until = exp ? `, until ${new Date(exp * 1000).toLocaleTimeString()}` : '';
    status.value = session ? `Signed in as ${session.name}${until}` : reason;
    signOut.hidden = !session;
    paste.hidden = Boolean(session);
  }

  /** Looks through an answer for a session that begins or ends. `token` was sent with the request. */
  function follow(answer, token) {
    const refused = answer?.errors?.some((error) => error.extensions?.code === 'UNAUTHENTICATED');
    if (refused && token && token === kept()?.token) {
      forget('The server no longer accepts the token: run LogIn again.');
    }
    for (const payload of Object.values(answer?.data ?? {})) {
      const { accessToken, user } = payload?.session ?? {};
      if (accessToken) keep(accessToken, user?.email ?? user?.displayName ?? claims(accessToken).sub ?? 'somebody');
      if (payload?.loggedOut) forget();
    }
  }

  const send = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    forgetExpired();
    const request = new Request(input, init);
    const token = request.headers.has('authorization') ? undefined : kept()?.token;
    if (token) request.headers.set('authorization', `Bearer ${token}`);
    // Subscriptions are followed by GET, which the server takes only with a header that no foreign page can send.
    request.headers.set('graphql-require-preflight', '1');
    if (debug.checked) request.headers.set('stockgraph-debug', '1');
    const response = await send(request);
    if (response.headers.get('content-type')?.includes('json')) {
      // An answer that is no JSON after all is GraphiQL's to report: it reads the same body.
      response.clone().json().then((answer) => follow(answer, token), () => {});
    }
    return response;
  };

  signOut.addEventListener('click', () => forget());
  paste.addEventListener('submit', (event) => {
    event.preventDefault();
    const token = paste.elements.token.value.trim().replace(/^Bearer\s+/i, '');
    if (token) keep(token, claims(token).sub ?? 'the bearer of the pasted token');
    paste.reset();
  });
  show();
  forgetExpired();
})();
