import { total } from './load.ts';
import type { Denial, Simulated } from './run.ts';

/** Renders a simulation as text, as docs/explanation/scale.md shows it. */
export function report(simulated: Simulated): string {
  const { requests, uses, cost, bytes } = simulated;
  const day = bytes.heads + bytes.entries + bytes.snapshots;
  return [
    section('entries', [
      ['a day, all logs', whole(simulated.entriesPerDay)],
      ['alive in one log', whole(simulated.live)],
      ['alive in one log, at most', whole(simulated.liveAtMost)],
      ['bytes of its snapshot', whole(simulated.snapshotBytes)],
    ]),
    section('bytes per day for a verifier that polls', [
      ['heads', whole(bytes.heads)],
      ['entries', whole(bytes.entries)],
      ['snapshots', whole(bytes.snapshots)],
      ['all', whole(day)],
    ]),
    section('requests per second at one log', [
      ...Object.entries(requests).map(([name, each]) => [name, each.toFixed(1)] as const),
      ['all', total(requests).toFixed(1)],
    ]),
    section('seconds from revocation to denial', [
      ...denial('polling', simulated.polling),
      ...denial('sockets', simulated.sockets),
    ]),
    section(
      'how full, the fullest first',
      uses.map(({ what, load, most }) => [what, `${((100 * load) / most).toFixed(1)} %`] as const),
    ),
    section('dollars a month', [
      ['requests', cost.requests.toFixed(2)],
      ['rows written', cost.rows.toFixed(2)],
      ['duration', cost.duration.toFixed(2)],
      ['all', (cost.requests + cost.rows + cost.duration).toFixed(2)],
    ]),
  ].join('\n');
}

const denial = (name: string, found: Denial | undefined) =>
  found
    ? ([
        [`${name}, p50`, found.p50.toFixed(2)],
        [`${name}, p99`, found.p99.toFixed(2)],
        [`${name}, latest`, found.most.toFixed(2)],
      ] as const)
    : [];

const section = (title: string, rows: readonly (readonly [string, string])[]): string =>
  [title, ...rows.map(([name, value]) => `  ${name.padEnd(48)}${value.padStart(14)}`), ''].join(
    '\n',
  );

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');
