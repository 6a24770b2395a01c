import * as fc from 'fast-check';
import type { StopDraft } from '../../../../../workers/issuer/feed/entry-draft.ts';
import { seconds } from '../scene.ts';
import { type ArchiveWeather, archiveWeather } from './archive-weather.ts';
import type { Model } from './model.ts';
import type { Way } from './verifier.ts';
import type { World } from './world.ts';

type Command = fc.AsyncCommand<Model, World>;

const does = (
  text: string,
  run: (world: World, model: Model) => Promise<void>,
  check: (model: Readonly<Model>) => boolean = () => true,
): Command => ({
  check: (model) => check(model),
  run: (model, world) => run(world, model),
  toString: () => text,
});

const LIVE = 2 ** 33;

interface Named {
  readonly kind: 'workflow' | 'block';
  readonly n: number;
  readonly isDead: boolean;
}

const stopOrder = ({ kind, n, isDead }: Named): StopDraft => {
  // Entries that are dead on arrival have ids of their own, which no live entry has.
  const name = isDead ? n + 64 : n;
  const id = kind === 'workflow' ? `wf_${name}` : name.toString(16).padStart(2, '0').repeat(64);
  return { kind, id, at: seconds(), expires: isDead ? 1 : LIVE };
};

const named: fc.Arbitrary<Named> = fc.record({
  kind: fc.constantFrom('workflow' as const, 'block' as const),
  n: fc.nat(12),
  isDead: fc.boolean(),
});

const append = fc
  .array(named, { minLength: 1, maxLength: 4 })
  .map((list) =>
    does(`append(${JSON.stringify(list)})`, (world) => world.append(list.map(stopOrder))),
  );

/** Enough dead entries for a snapshot, which are compacted next. */
const appendMany = fc.constant(
  does('appendMany', (world) => {
    const ids = Array.from({ length: 1_024 }, () => `wf_${crypto.randomUUID()}`);
    return world.append(ids.map((id) => ({ kind: 'workflow', id, at: 1, expires: 1 })));
  }),
);

const suspend = fc.tuple(fc.nat(3), fc.boolean()).map(([n, isSuspended]) =>
  does(`${isSuspended ? 'suspend' : 'resume'}(${n})`, (world, model) => {
    const id = `wf_stop_${n}`;
    const { gen, isSuspended: is } = model.genOf(id);
    const times = { at: seconds(), expires: LIVE };
    if (isSuspended) return world.append([{ kind: 'suspension', id, gen, ...times }]);
    return is
      ? world.append([{ kind: 'resumption', id, gen: gen + 1, ...times }])
      : Promise.resolve();
  }),
);

const watermark = fc.nat(3).map((n) =>
  does(`watermark(${n})`, (world) => {
    const what = { scope: 'owner', value: `owner-${n}`, before: LIVE } as const;
    return world.appendWatermark({ kind: 'watermark', ...what, at: seconds(), expires: LIVE });
  }),
);

/** Many appends at once, with heads and an alarm in between. */
const together = fc.array(named, { minLength: 2, maxLength: 8 }).map((list) =>
  does(`together(${JSON.stringify(list)})`, async (world) => {
    const all = list.flatMap((one) => [world.append([stopOrder(one)]), world.head()]);
    const settled = await Promise.allSettled([...all, world.alarm()]);
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
  }),
);

const weather = fc.constantFrom<ArchiveWeather[]>('up', 'up', 'down').map((now) =>
  does(`archive ${now}`, async () => {
    archiveWeather.now = now;
  }),
);

const restore = fc.nat(5).map((which) =>
  does(
    `restore(${which})`,
    (world) => world.restore(which),
    // Otherwise log and archive are both behind, and some entries are lost.
    (model) => model.isCopied,
  ),
);

const verifier = fc
  .tuple(fc.nat(2), fc.constantFrom<Way[]>('open', 'open', 'cut', 'stale'), fc.boolean())
  .map(([n, way, isNew]) =>
    does(`verifier(${n}, ${way}${isNew ? ', restarted' : ''})`, async (world) => {
      const one = world.verifiers[n];
      if (!one) return;
      one.way = way;
      // Without a floor, a restarted verifier knows nothing of its earlier state, so nothing holds.
      if (isNew && n > 0) one.restart();
      await world.refresh(one);
    }),
  );

const plainly = (text: string, run: (world: World) => Promise<void>) =>
  fc.constant(does(text, run));

/** Any sequence of commands. */
export const commands = (commandsMax: number): fc.Arbitrary<Iterable<Command>> =>
  fc.commands(
    [
      ...[append, append, together, suspend, watermark, appendMany],
      ...[verifier, verifier, verifier, weather, restore, restore],
      plainly('head', (world) => world.head()),
      plainly('deltas', (world) => world.readDeltas()),
      plainly('alarm', (world) => world.alarm()),
      plainly('alarm twice', async (world) => {
        await Promise.all([world.alarm(), world.alarm()]);
      }),
      plainly('lose the alarm', (world) => world.loseAlarm()),
      plainly('lose the archive', (world) => world.loseArchive()),
      plainly('restart', (world) => world.restart()),
      plainly('photograph', (world) => world.photograph()),
    ],
    { maxCommands: commandsMax, size: 'max' },
  );
