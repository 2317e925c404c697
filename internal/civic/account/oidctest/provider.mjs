// A real OpenID Connect provider on a free port, for the tests of signing in. Its
// accounts are whatever name one types; argv: issuer's client as JSON.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const client = JSON.parse(process.argv[2]);
const server = createServer((req, res) => handle(req, res));
let handle;

server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ ...client, grant_types: ["authorization_code"], response_types: ["code"] }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    cookies: { keys: ["una clave de prueba"] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@ejemplo.mx`, email_verified: true, name: `Persona ${id}` }),
    }),
  });
  handle = provider.callback();
  console.log(issuer);
});

// Whoever started it holds its standard input; when they are gone, so is it.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
