import { OwedRecords } from '../audit/owed-records.ts';
import { readConfig } from '../platform/config.ts';
import { archiveOf, feedArchive, type IssuerEnv, shardOf } from '../platform/env.ts';
import { Admission } from './admission.ts';
import { ArchiveSync } from './archive-sync.ts';
import { AuditNote } from './audit-note.ts';
import { LogCatalogue } from './catalogue.ts';
import { LogEntries } from './entries.ts';
import { HeadChanges } from './head-changes.ts';
import { LogHeads } from './heads.ts';
import { KeyOrders } from './keys/orders.ts';
import { LogHeadKeys } from './keys/rows.ts';
import { LogMaintenance } from './maintenance.ts';
import { LogNews } from './news.ts';
import { PublishedKeys } from './published-keys.ts';
import { ScopeCommands } from './scope-commands.ts';
import { LogSnapshots } from './snapshots.ts';
import { Subscribers } from './subscribers.ts';
import { TreeRounds } from './tree/rounds.ts';
import { LogTree } from './tree/tree.ts';

/** Makes the parts of one log, which share its storage. */
export function logParts(ctx: DurableObjectState, env: () => IssuerEnv) {
  const shard = shardOf(ctx.id.name);
  const entries = new LogEntries(ctx.storage, { issuer: readConfig(env()).issuer, shard });
  const catalogue = new LogCatalogue(ctx.storage.sql, shard);
  const keys = new LogHeadKeys(ctx.storage.sql, shard);
  const archive = new ArchiveSync(() => feedArchive(env(), shard), entries, { catalogue, keys });
  const snapshots = new LogSnapshots(ctx.storage);
  const tree = new LogTree(ctx.storage, entries);
  const rounds = new TreeRounds(ctx, tree, () => ({ env: env(), shard }));
  const owed = OwedRecords.inTable(ctx.storage.sql, env);
  const audit = new AuditNote((name) => archiveOf(env(), name));
  const parts = { entries, snapshots, catalogue, keys, tree, rounds, audit };
  const subscribers = new Subscribers(ctx);
  const heads = new LogHeads(env, shard, parts, new PublishedKeys(ctx.storage.sql));
  const maintenance = new LogMaintenance(ctx, { shard, archive, owed, ...parts });
  const news = new LogNews(ctx, { ...parts, heads, subscribers, maintenance });
  const changes = new HeadChanges(ctx, { entries, catalogue, maintenance, news });
  const keyOrders = new KeyOrders({ keys, owed, env, changes });
  const commands = new ScopeCommands(entries);
  const admission = new Admission(ctx.storage, entries);
  const orders = { commands, admission, changes, keyOrders };
  return { ...orders, entries, snapshots, owed, rounds, news, maintenance };
}
