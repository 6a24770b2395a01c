/**
 * The plot of calls, denials and mints over time. It is a file of its own, because its library is
 * three quarters of the console and one page shows it.
 */
import UPlot from 'uplot';
import { toMilliseconds } from '../../clock.ts';
import { clockMinute } from '../time.ts';

/** One array for each line, all of one length. Times are in Unix seconds. */
export interface PlotColumns {
  readonly at: readonly number[];
  readonly calls: readonly number[];
  readonly denials: readonly number[];
  readonly mints: readonly number[];
}

export interface PlotOptions {
  readonly height: number;
  /** Called with the times between which a person has dragged, in Unix seconds. */
  readonly onRange: (from: number, until: number) => void;
  /** Called with the index of the step under the pointer. It is undefined where there is none. */
  readonly onStep: (index: number | undefined) => void;
}

export interface Plot {
  /** Shows other data in place. */
  readonly update: (columns: PlotColumns) => void;
  /** Moves the reading mark to a step. */
  readonly mark: (index: number) => void;
  readonly close: () => void;
}

const dataOf = ({ at, calls, denials, mints }: PlotColumns): UPlot.AlignedData => [
  [...at],
  [...calls],
  [...mints],
  // A bar of no height would be a dash on the axis.
  denials.map((count) => count || null),
];

/** Draws into an element, and follows its width and the colour scheme until it is closed. */
export function drawPlot(target: HTMLElement, columns: PlotColumns, options: PlotOptions): Plot {
  let latest = columns;
  let plot = create();
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const onScheme = () => {
    plot.destroy();
    plot = create();
  };
  scheme.addEventListener('change', onScheme);
  const resize = new ResizeObserver(() => {
    plot.setSize({ width: target.clientWidth, height: options.height });
  });
  resize.observe(target);

  function create(): UPlot {
    const bars = UPlot.paths.bars?.({ size: [0.8, 8] });
    const colour = (name: string) => getComputedStyle(target).getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: `11px ${colour('--sans')}`,
    };
    return new UPlot(
      {
        width: target.clientWidth,
        height: options.height,
        legend: { show: false },
        // A range that was chosen goes into the address, which then has the plot load it.
        cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
        scales: {
          y: { range: (_, __, most) => [0, Math.max(5, most * 1.1)] },
          // Denials are few beside calls, whose scale would hide them.
          denials: { range: (_, __, most) => [0, Math.max(4, most * 3)] },
        },
        axes: [
          {
            ...axis,
            size: 28,
            grid: { show: false },
            values: (_, times) => times.map((at) => clockMinute(toMilliseconds(at))),
          },
          { ...axis, size: 36 },
        ],
        series: [
          {},
          {
            stroke: colour('--accent'),
            width: 1.8,
            fill: `${colour('--accent')}18`,
            points: { show: false },
          },
          { stroke: colour('--muted'), width: 1.5, dash: [2, 4], points: { show: false } },
          {
            scale: 'denials',
            stroke: colour('--deny-mark'),
            fill: colour('--deny-mark'),
            ...(bars && { paths: bars }),
            points: { show: false },
          },
        ],
        hooks: {
          setSelect: [
            (drawn) => {
              const { left, width } = drawn.select;
              if (width < 2) return;
              options.onRange(drawn.posToVal(left, 'x'), drawn.posToVal(left + width, 'x'));
            },
          ],
          setCursor: [({ cursor }) => options.onStep(cursor.idx ?? undefined)],
        },
      },
      dataOf(latest),
      target,
    );
  }

  return {
    update: (next) => {
      latest = next;
      plot.setData(dataOf(next));
    },
    mark: (index) => {
      const at = latest.at[index];
      if (at !== undefined) plot.setCursor({ left: plot.valToPos(at, 'x'), top: 0 });
    },
    close: () => {
      scheme.removeEventListener('change', onScheme);
      resize.disconnect();
      plot.destroy();
    },
  };
}
