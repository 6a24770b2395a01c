import { useState } from 'preact/hooks';
import {
  addressOf,
  callIssuer,
  type Fault,
  faultWords,
  issuerNow,
  useFrame,
  type WaitsForPerson,
} from '../frame/index.ts';
import { say } from '../ui/index.ts';
import type { GivenAnswer } from './answer-form.ts';
import { answerOf } from './question.ts';

interface Answering {
  readonly isSending: boolean;
  readonly fault: string | undefined;
  /** Set once the answer waits for a second person. */
  readonly waits: WaitsForPerson | undefined;
  readonly send: (given: GivenAnswer) => void;
}

/** Sends the answer to the question that the page shows: its digest goes with it. */
export function useAnswer(
  { id, digest }: { readonly id: string; readonly digest: string },
  onAnswered: () => void,
): Answering {
  const { poller } = useFrame();
  const [isSending, setSending] = useState(false);
  const [fault, setFault] = useState<string | undefined>();
  const [waits, setWaits] = useState<WaitsForPerson | undefined>();
  const send = ({ decision, reason, seconds }: GivenAnswer): void => {
    const body = answerOf(decision, { digest, reason, seconds }, issuerNow());
    if (!body) return;
    setSending(true);
    setFault(undefined);
    void callIssuer('POST', '/approvals/:id', { params: { id }, body }).then((sent) => {
      setSending(false);
      poller.reload();
      onAnswered();
      if (!sent.ok && sent.error.kind === 'waits') return setWaits(sent.error);
      if (!sent.ok) return setFault(answerFault(sent.error));
      // Otherwise the next question of the inbox would take the place of the answered one.
      location.hash = addressOf('approvals', [id]);
      say(decision === 'approve' ? 'Approved: exactly what was shown' : 'Refused');
    });
  };
  return { isSending, fault, waits, send };
}

function answerFault(fault: Fault): string {
  if (fault.kind === 'refused' && fault.code === 'digest_differs') {
    return 'The question is another one now, so nothing was answered. Read it again.';
  }
  return faultWords(fault);
}
