import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { readProjectFile } from './markdown.ts';

/** A deployment is copied from examples/deployment, so it must bind what the Workers need. */

interface Migration {
  readonly new_sqlite_classes: readonly string[];
}

/** The parts of a configuration that are the same in every deployment. */
async function bindingsOf(path: string) {
  const config = parse(await readProjectFile(path));
  const { durable_objects, ratelimits, compatibility_date, compatibility_flags } = config;
  const { bindings = [] } = (durable_objects ?? {}) as { bindings?: readonly object[] };
  const migrations = (config.migrations ?? []) as unknown as readonly Migration[];
  const services = (config.services ?? []) as unknown as readonly {
    binding: string;
    entrypoint?: string;
  }[];
  return {
    compatibility_date,
    compatibility_flags,
    ratelimits,
    objects: bindings.map((binding) => JSON.stringify(binding)).sort(),
    classes: migrations.flatMap(({ new_sqlite_classes }) => new_sqlite_classes).sort(),
    services: services.map(({ binding, entrypoint }) => [binding, entrypoint]),
  };
}

test.each([
  ['issuer', 'wrangler.toml'],
  ['gateway', 'workers/gateway/wrangler.toml'],
])("the example's %s has the bindings of this repository's", async (name, own) => {
  const example = await bindingsOf(`examples/deployment/wrangler.${name}.toml`);
  expect(example).toEqual(await bindingsOf(own));
});

test('a deployment of the issuer creates every class that it binds', async () => {
  const { objects, classes } = await bindingsOf('examples/deployment/wrangler.issuer.toml');
  const bound = objects.map((binding) => JSON.parse(binding).class_name);
  expect(classes).toEqual(bound.sort());
});
