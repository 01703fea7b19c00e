// PostGraphile 5 as its manual has it for production: the amber preset and the usual plugins, nothing watched, nothing
// explained, no page to play on. It reads the tables as their owner: no keys, no rights, no row security.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(`${process.env.BENCH_NODE}/`);
const load = async (name) => {
  const whole = await import(pathToFileURL(found.resolve(name)).href);
  return whole.default?.__esModule ? whole.default : { ...whole.default, ...whole };
};
const { postgraphile } = await load("postgraphile");
const { PostGraphileAmberPreset } = await load("postgraphile/presets/amber");
const { makePgService } = await load("postgraphile/adaptors/pg");
const { grafserv } = await load("postgraphile/grafserv/node");
const { PgSimplifyInflectionPreset } = await load("@graphile/simplify-inflection");
const { PostGraphileConnectionFilterPreset } = await load("postgraphile-plugin-connection-filter");
const { PgAggregatesPreset } = await load("@graphile/pg-aggregates");

const { jsonPgSmartTags } = await load("postgraphile/utils");

// `line` is also a type of PostgreSQL's own. Lines come as plain lists, and places can be filtered by though no index
// serves that: both are asked for by hand, since the preset offers neither. The rest are short names.
const tags = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      "public.line": { tags: { name: "paper_line" } },
      "public.document": { attribute: { location_id: { tags: { behavior: "+filterBy" } } } },
    },
    constraint: {
      "public.document.fk_document_tenant_id_partner_id": { tags: { fieldName: "partner" } },
      "public.line.fk_line_tenant_id_product_id": { tags: { fieldName: "product" } },
      "public.line.fk_line_tenant_id_document_id": {
        tags: { foreignSimpleFieldName: "lines", foreignFieldName: "linePages", behavior: "+list" },
      },
    },
  },
});
const instance = postgraphile({
  extends: [
    PostGraphileAmberPreset,
    PgSimplifyInflectionPreset,
    PostGraphileConnectionFilterPreset,
    PgAggregatesPreset,
  ],
  plugins: [tags],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public", "bench"],
      pubsub: false,
      poolConfig: { max: 10 },
    }),
  ],
  schema: { pgJwtSecret: undefined },
  grafast: { explain: false },
  grafserv: { graphqlPath: "/graphql", graphiql: false, websockets: false, watch: false, maxRequestLength: 1 << 20 },
});

const server = createServer();
server.on("error", (error) => {
  console.error(error);
  process.exit(1);
});
const service = instance.createServ(grafserv);
await service.addTo(server);
await service.ready?.();
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/graphql`));
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => process.exit(0));
}
