import { DownloadOutlined } from '@ant-design/icons';
import { Button, Input, Modal } from 'antd';
import { downloadText } from '../api/csv.ts';
import { useWords } from '../words/use-words.ts';
import { CopyButton } from './copy.tsx';
import { Note } from './notes.tsx';

export type Secret = {
  title: string;
  lead?: string;
  /** Name and value of each line; the values marked secret are in a box of their own. */
  lines: readonly { name: string; value: string }[];
  fileName: string;
};

/** A secret shown once, with copy and download. It closes only by its button: a stray key must not lose it. */
export function SecretOnce({ secret, onDone }: { secret: Secret | undefined; onDone: () => void }) {
  const words = useWords();
  const download = () =>
    downloadText(
      secret?.fileName ?? 'secret.txt',
      (secret?.lines ?? []).map(({ name, value }) => `${name}: ${value}\n`).join(''),
      'text/plain',
    );
  return (
    <Modal
      open={secret !== undefined}
      title={secret?.title}
      closable={false}
      keyboard={false}
      mask={{ closable: false }}
      destroyOnHidden
      footer={
        <div className="row row-spread">
          <Button icon={<DownloadOutlined />} onClick={download}>
            {words.common.download}
          </Button>
          <Button type="primary" onClick={onDone}>
            {words.secret.done}
          </Button>
        </div>
      }
    >
      <div className="stack">
        <Note tone="warn" title={words.secret.once}>
          {secret?.lead}
        </Note>
        {secret?.lines.map(({ name, value }) => (
          <div key={name} className="stack-tight">
            <div className="row row-spread">
              <span className="soft">{name}</span>
              <CopyButton text={value} what={name} labelled />
            </div>
            {/* Not one that grows with its text: antd measures those in a hidden field, which would keep the secret. */}
            <Input className="mono" aria-label={name} value={value} readOnly />
          </div>
        ))}
      </div>
    </Modal>
  );
}
