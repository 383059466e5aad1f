import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { lookUp, useWords } from '../words/use-words.ts';

/** Copies without the clipboard interface, which browsers keep from pages served over plain HTTP to other machines. */
function copyBySelection(text: string): void {
  const area = document.createElement('textarea');
  area.value = text;
  area.style.position = 'fixed';
  area.style.opacity = '0';
  // Inside an open dialog the focus is trapped, so the field has to be within it.
  (document.querySelector('[role="dialog"]') ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

async function copyText(text: string): Promise<void> {
  if (navigator.clipboard === undefined) return copyBySelection(text);
  await navigator.clipboard.writeText(text).catch(() => copyBySelection(text));
}

export function CopyButton({
  text,
  what,
  labelled = false,
}: {
  text: string;
  what: string;
  labelled?: boolean;
}) {
  const words = useWords();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const label = copied ? words.common.copied : words.common.copy;
  return (
    <Button
      size={labelled ? 'middle' : 'small'}
      type={labelled ? 'default' : 'text'}
      icon={copied ? <CheckOutlined /> : <CopyOutlined />}
      aria-label={`${label} ${what}`}
      onClick={() => copyText(text).then(() => setCopied(true))}
    >
      {labelled ? label : null}
    </Button>
  );
}

/** An id as people paste it elsewhere: monospaced, copyable. */
export function Copyable({ text, what }: { text: string; what: string }) {
  return (
    <span className="nowrap">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

/** A machine code beside its sentence; a code that the table does not know stands alone. */
export function CodeText({ code }: { code: string }) {
  const words = useWords();
  const sentence = lookUp(words.codes, code);
  return (
    <span>
      {sentence === undefined ? null : `${sentence} `}
      <code className="soft">{code}</code>
    </span>
  );
}
