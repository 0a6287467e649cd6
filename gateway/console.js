// The console: GraphiQL, with the token, the purpose and the reference beside it. Tokens stay in this tab's session.
/* global React, ReactDOM, GraphiQL */

const byId = (id) => document.getElementById(id);
const examples = await (await fetch('/examples.json')).json();
const root = ReactDOM.createRoot(byId('graphiql'));

let chosen = examples[0];
let mounted = 0;

const kept = {
  tokens: () => JSON.parse(sessionStorage.getItem('tokens') ?? '{}'),
  token: () => kept.tokens()[chosen.principal] ?? '',
  keep: (token) => sessionStorage.setItem('tokens', JSON.stringify({ ...kept.tokens(), [chosen.principal]: token })),
};

const command = () => `npm run --silent token -- ${chosen.principal}`;

/** What a token says of itself, without checking it: the gateway does that. A person's number is not shown. */
const saidBy = (token) => {
  try {
    const [, payload] = token.split('.');
    const text = new TextDecoder().decode(
      Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0)),
    );
    const { authority, party, exp } = JSON.parse(text);
    const who = authority ?? party.replace(/^(WORKER|SELF_EMPLOYED):.*/, '$1');
    const until = new Date(exp * 1000);
    const hour = until.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
    return until > new Date() ? `${who}, valid until ${hour}` : `${who}, expired`;
  } catch {
    return 'This is not a token.';
  }
};

const headers = () => {
  const purpose = byId('purpose').value.trim();
  const reference = byId('reference').value.trim();
  return {
    'content-type': 'application/json',
    authorization: `Bearer ${kept.token()}`,
    ...(purpose ? { 'x-purpose': purpose } : {}),
    ...(reference ? { 'x-reference': reference } : {}),
  };
};

const fetcher = async ({ query, variables, operationName }) => {
  if (!kept.token()) return { errors: [{ message: `Paste a token first. Get one with: ${command()}` }] };
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: headers(),
    body: JSON.stringify({ query, variables, operationName }),
  });
  return response.json();
};

/** GraphiQL would keep queries and variables, which can name a person, in the browser for good. */
const forgetful = () => {
  const held = new Map();
  return {
    getItem: (key) => held.get(key) ?? null,
    setItem: (key, value) => void held.set(key, value),
    removeItem: (key) => void held.delete(key),
    clear: () => held.clear(),
    get length() {
      return held.size;
    },
  };
};

const mount = () => {
  mounted += 1;
  root.render(
    React.createElement(GraphiQL, {
      key: mounted,
      fetcher,
      storage: forgetful(),
      query: chosen.query,
      variables: JSON.stringify(chosen.variables, null, 2),
      defaultEditorToolsVisibility: 'variables',
      isHeadersEditorEnabled: false,
      showPersistHeadersSettings: false,
    }),
  );
};

const show = () => {
  for (const button of byId('examples').children) {
    button.setAttribute('aria-pressed', String(button.textContent === chosen.name));
  }
  byId('does').textContent = chosen.does;
  byId('command').textContent = command();
  byId('token').value = kept.token();
  byId('token-says').textContent = kept.token() ? saidBy(kept.token()) : '';
  byId('purpose').value = chosen.purpose ?? '';
  byId('reference').value = chosen.reference ?? '';
  mount();
};

for (const example of examples) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = example.name;
  button.addEventListener('click', () => {
    chosen = example;
    show();
  });
  byId('examples').append(button);
}

byId('identity').addEventListener('submit', (event) => {
  event.preventDefault();
  kept.keep(byId('token').value.trim());
  byId('token-says').textContent = saidBy(kept.token());
  mount(); // asks for the schema again, now with a token
});
byId('token').addEventListener('change', () => byId('identity').requestSubmit());

byId('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(command());
  byId('copy').textContent = 'Copied';
});

show();
