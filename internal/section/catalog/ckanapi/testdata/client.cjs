// Reads a catalogue with other people's CKAN clients and prints what they saw, as
// JSON. Arguments: the catalogue's address, and the clients to use ("portaljs",
// "ckan").
const [base, ...clients] = process.argv.slice(2)

const calls = [
  ['package_search', { q: 'conjunto', rows: 3, fq: 'groups:salud', sort: 'metadata_modified desc', 'facet.field': ['organization'] }],
  ['package_show', { id: 'conjunto-de-prueba-1' }],
  ['package_list', {}],
  ['organization_list', { all_fields: true }],
  ['organization_show', { id: 'salud' }],
  ['group_list', {}],
  ['tag_list', {}],
  ['status_show', {}],
  ['package_show', { id: 'nothing' }],
  ['datastore_search_sql', { sql: 'SELECT 1' }],
]

async function portaljs() {
  const { default: CkanRequest } = require('@portaljs/ckan-api-client-js')
  console.error = () => {} // it prints each refusal
  const seen = []
  for (const [name, data] of calls) {
    for (const ask of [
      () => CkanRequest.post(name, { ckanUrl: base, json: data, apiKey: 'not-a-key' }),
      () => CkanRequest.get(`${name}?${query(data)}`, { ckanUrl: base }),
    ]) {
      seen.push(await ask().then((answer) => answer.result, (e) => ({ refused: e.error.__type, message: e.message })))
    }
  }
  return seen
}

function query(data) {
  return new URLSearchParams(Object.entries(data).map(([k, v]) => [k, typeof v === 'string' ? v : JSON.stringify(v)]))
}

async function ckan() {
  const { Client } = require('ckan')
  const client = new Client(base, 'not-a-key')
  const seen = []
  for (const [name, data] of calls) {
    seen.push(await new Promise((done) => client.action(name, data, (err, answer) => done(err ? { refused: err } : answer.result))))
  }
  return seen
}

async function main() {
  const out = {}
  for (const name of clients) out[name] = await { portaljs, ckan }[name]()
  process.stdout.write(JSON.stringify(out))
}

main().catch((e) => {
  process.stderr.write(String(e && e.stack))
  process.exit(1)
})
