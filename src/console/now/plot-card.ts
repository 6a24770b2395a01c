import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { toMilliseconds } from '../../clock.ts';
import { loadPlot } from '../frame/index.ts';
import { clockMinute, isoTime } from '../time.ts';
import { Card, html, numberText, say, Table } from '../ui/index.ts';
import { filterHref, type NowFilter } from './filter.ts';
import { type SeriesPoint, seriesRows, seriesWords, stepWords, toColumns } from './series.ts';

interface PlotCardProps {
  readonly title: string;
  readonly points: readonly SeriesPoint[];
  readonly filter: NowFilter;
}

type Plot =
  Awaited<ReturnType<typeof loadPlot>> extends {
    readonly drawPlot: (...given: never[]) => infer Drawn;
  }
    ? Drawn
    : never;

const HEIGHT = 160;
/** How far each key moves the reading mark. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  PageUp: -10,
  PageDown: 10,
  Home: -Infinity,
  End: Infinity,
};

/** Calls, denials and mints over time: a picture, a sentence, single steps by keys, and a table. */
export function PlotCard({ title, points, filter }: PlotCardProps): VNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const [step, setStep] = useState<number | undefined>();
  const shown = useRef(points);
  shown.current = points;

  useEffect(() => {
    let isOver = false;
    void loadPlot().then(({ drawPlot }) => {
      if (isOver || !box.current) return;
      plot.current = drawPlot(box.current, toColumns(shown.current), {
        height: HEIGHT,
        onRange: (from) => {
          location.hash = filterHref(filter, { from: isoTime(toMilliseconds(Math.floor(from))) });
        },
        onStep: setStep,
      });
    });
    return () => {
      isOver = true;
      plot.current?.close();
      plot.current = undefined;
    };
  }, []);
  useEffect(() => plot.current?.update(toColumns(points)), [points]);

  const onKey = (event: KeyboardEvent): void => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const last = points.length - 1;
    const at = Math.min(last, Math.max(0, (step ?? last) + by));
    setStep(at);
    plot.current?.mark(at);
    const point = points[at];
    if (point) say(stepWords(point));
  };
  const read = step === undefined ? undefined : points[step];
  return html`<${Card} title=${title} aside=${html`<${Legend} />`}>
    <div class="plot">
      <div
        class="frame"
        ref=${box}
        role="img"
        tabindex="0"
        aria-label=${`${seriesWords(points)} Arrow keys read single minutes.`}
        onKeyDown=${onKey}
      ></div>
      <div class="row plot-foot">
        <p class="small muted num" aria-live="off">
          ${read ? stepWords(read) : 'Move over the plot, or press the arrow keys in it, to read a minute. Drag to look closer.'}
        </p>
        <details>
          <summary class="small">As a table</summary>
          <${Table}
            label=${title}
            heads=${['From', { text: 'Calls', right: true }, { text: 'Mints', right: true }, { text: 'Denials', right: true }]}
            rows=${seriesRows(points).map(({ from, calls, mints, denials }) => ({
              key: String(from),
              cells: [
                clockMinute(from),
                { right: true, name: 'calls', content: numberText(calls) },
                { right: true, name: 'mints', content: numberText(mints) },
                { right: true, name: 'denials', content: numberText(denials) },
              ],
            }))}
          />
        </details>
      </div>
    </div>
  <//>`;
}

const Legend = (): VNode =>
  html`<div class="legend">
    <span><svg viewBox="0 0 22 10" aria-hidden="true"><path d="M0 5h22" class="l-calls" /></svg>calls</span>
    <span><svg viewBox="0 0 22 10" aria-hidden="true"><path d="M0 5h22" class="l-mints" /></svg>mints</span>
    <span
      ><svg viewBox="0 0 22 10" aria-hidden="true">
        <rect x="8" y="1" width="5" height="9" class="b-deny" /></svg
      >denials, own scale</span
    >
  </div>`;
