import { useEffect, useRef, useState } from 'preact/hooks';
import { type Fault, useFrame } from '../frame/index.ts';
import { say } from '../ui/index.ts';
import { filterHref, type NowFilter } from './filter.ts';
import { firstPage, type LiveList, newestPage, olderPage, showHeld } from './live-list.ts';
import { type ListedWorkflow, loadWorkflows, type WorkflowPage } from './load.ts';
import type { Counts } from './stats.ts';

/** The live list of a filter, as the page shows it. */
export interface LiveWorkflows {
  /** Undefined until the first answer. */
  readonly list: LiveList<ListedWorkflow> | undefined;
  readonly counts: Counts | undefined;
  readonly fault: Fault | undefined;
  /** The list is that of the filter before, until the answer comes. */
  readonly isOld: boolean;
  readonly isLoadingOlder: boolean;
  readonly showNew: () => void;
  readonly loadOlder: () => void;
}

interface Held {
  readonly key: string;
  readonly list?: LiveList<ListedWorkflow>;
  readonly counts?: Counts;
  readonly fault?: Fault;
}

/** Keeps the list of a filter: loads its first page, and what has happened since. */
export function useLiveList(filter: NowFilter): LiveWorkflows {
  const { live } = useFrame();
  const key = filterHref(filter);
  const [held, setHeld] = useState<Held>({ key });
  const [isLoadingOlder, setLoadingOlder] = useState(false);
  const latest = useRef(held);
  latest.current = held;

  useEffect(() => {
    let isOver = false;
    void loadWorkflows(filter, undefined).then((answer) => {
      if (isOver) return;
      if (!answer.ok) {
        setHeld({ ...latest.current, key, fault: answer.error });
        return;
      }
      setHeld(receive(latest.current, key, answer.value));
    });
    return () => {
      isOver = true;
    };
  }, [key, live.changes]);

  const waiting = held.list?.held.length ?? 0;
  useEffect(() => {
    if (waiting > 0) say(`${waiting} new`);
  }, [waiting]);

  const loadOlder = (): void => {
    const next = held.list?.next;
    if (next === undefined || isLoadingOlder) return;
    setLoadingOlder(true);
    void loadWorkflows(filter, next).then((answer) => {
      setLoadingOlder(false);
      const { current } = latest;
      if (!answer.ok || current.key !== key || !current.list) return;
      const { workflows: rows, next: after } = answer.value;
      setHeld({ ...current, list: olderPage(current.list, { rows, next: after }) });
    });
  };

  return {
    list: held.list,
    counts: held.counts,
    fault: held.fault,
    isOld: held.key !== key,
    isLoadingOlder,
    showNew: () => held.list && setHeld({ ...held, list: showHeld(held.list) }),
    loadOlder,
  };
}

/** Puts an answer into the list: a new list for another filter, and else what has changed. */
function receive(held: Held, key: string, page: WorkflowPage): Held {
  const { workflows: rows, next, counts } = page;
  const isSame = held.key === key && held.list !== undefined;
  const list = isSame && held.list ? newestPage(held.list, rows) : firstPage({ rows, next });
  return { key, list, ...(counts && { counts }) };
}
