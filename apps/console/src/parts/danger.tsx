import { Button, Modal } from 'antd';
import { useState } from 'react';
import type { Trouble } from '../api/call.ts';
import { useWords } from '../words/use-words.ts';
import { ProblemNote } from './notes.tsx';

/** A dangerous act: asks with the object's name, says what will follow; `blocked` gives the reason it is disabled. */
export function DangerButton({
  word,
  title,
  lead,
  blocked,
  act,
}: {
  word: string;
  title: string;
  lead: string;
  blocked?: string | undefined;
  act: () => Promise<Trouble | undefined>;
}) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Trouble>();
  const run = async () => {
    setBusy(true);
    const trouble = await act();
    setBusy(false);
    setProblem(trouble);
    if (!trouble) setOpen(false);
  };
  return (
    <>
      <Act word={word} blocked={blocked} onClick={() => setOpen(true)} danger name={title} />
      <Modal
        open={open}
        title={title}
        onCancel={() => setOpen(false)}
        onOk={run}
        okText={word}
        cancelText={words.common.cancel}
        okButtonProps={{ danger: true, loading: busy }}
      >
        <div className="stack">
          <p>{lead}</p>
          {problem ? <ProblemNote problem={problem} /> : null}
        </div>
      </Modal>
    </>
  );
}

/** A button of a list row; when it cannot be done now it is disabled and the reason stands under it. */
export function Act({
  word,
  name,
  blocked,
  danger = false,
  busy = false,
  onClick,
}: {
  word: string;
  /** Full name for assistive technology, where several rows have the same word. */
  name?: string;
  blocked?: string | undefined;
  danger?: boolean;
  busy?: boolean;
  onClick: () => void;
}) {
  return (
    <span className="stack-tight" style={{ gap: 0, display: 'inline-grid' }}>
      <Button
        size="small"
        danger={danger}
        disabled={blocked !== undefined}
        loading={busy}
        onClick={onClick}
        style={{ justifySelf: 'start' }}
        {...(name === undefined ? {} : { 'aria-label': name.includes(word) ? name : `${word} ${name}` })}
      >
        {word}
      </Button>
      {blocked === undefined ? null : (
        <span className="soft small" style={{ whiteSpace: 'normal', maxWidth: 200 }}>
          {blocked}
        </span>
      )}
    </span>
  );
}
