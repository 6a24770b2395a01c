import { useEffect, useState } from 'preact/hooks';
import { callIssuer, faultWords, issuerNow, useFrame } from '../frame/index.ts';
import { readIso } from '../time.ts';
import type { Stop } from './stop-dialog.ts';
import { heardVerifiers, observeVerifiers, type StopProgress } from './stop-progress.ts';

/** How far an order has got. */
export type StopStep =
  | { readonly step: 'asking'; readonly fault?: string }
  | { readonly step: 'sending' }
  | { readonly step: 'counting'; readonly reason: string; readonly progress?: StopProgress };

const COUNT_MILLISECONDS = 500;
/** After it, the page no longer asks twice a second: every head is too old by then. */
const COUNT_MILLISECONDS_MAX = 120_000;

/** Orders a stop, and counts the verifiers that confirm it for as long as the dialog is open. */
export function useStop(id: string, how: Stop): [StopStep, (reason: string) => void] {
  const [state, setState] = useState<StopStep>({ step: 'asking' });
  const { poller } = useFrame();
  const begun = state.step === 'counting' ? state.progress?.orderedAt : undefined;

  useEffect(() => {
    if (begun === undefined) return;
    const timer = setInterval(() => {
      if (issuerNow() - begun > COUNT_MILLISECONDS_MAX) return clearInterval(timer);
      void callIssuer('GET', '/health', {}).then((health) => {
        if (!health.ok) return;
        setState((before) =>
          before.step !== 'counting' || !before.progress
            ? before
            : {
                ...before,
                progress: observeVerifiers(
                  before.progress,
                  heardVerifiers(health.value.verifiers, id, issuerNow()),
                  issuerNow(),
                ),
              },
        );
      });
    }, COUNT_MILLISECONDS);
    return () => clearInterval(timer);
  }, [begun]);

  const order = (reason: string): void => {
    setState({ step: 'sending' });
    const orderedAt = issuerNow();
    const call = { params: { id }, query: { wait: '0' }, body: { reason } };
    const sent =
      how === 'revoke'
        ? callIssuer('POST', '/workflows/:id/revoke', call)
        : callIssuer('POST', '/workflows/:id/suspend', call);
    void sent.then((answer) => {
      poller.reload();
      if (!answer.ok) return setState({ step: 'asking', fault: faultWords(answer.error) });
      const { epoch, seq, by_tier } = answer.value;
      // It was stopped already, and nothing had to be written.
      if (epoch === undefined || seq === undefined) return setState({ step: 'counting', reason });
      setState({
        step: 'counting',
        reason,
        progress: {
          entry: { epoch, seq },
          orderedAt,
          refusesBy: {
            1: readIso(by_tier?.[1]) ?? null,
            2: readIso(by_tier?.[2]) ?? null,
          },
          verifiers: [],
          confirmedAt: new Map(),
        },
      });
    });
  };
  return [state, order];
}
