import { App } from 'antd';
import { Page } from '../../parts/page.tsx';
import { useWords } from '../../words/use-words.ts';
import { PasswordForm } from './password-form.tsx';
import { useSession } from './session.ts';

export default function Account() {
  const words = useWords();
  const { user, setUser } = useSession();
  const { message } = App.useApp();
  return (
    <Page title={words.shell.changePassword} lead={`${user.name} · ${words.shell.role[user.role]}`}>
      <div className="panel" style={{ maxWidth: 480 }}>
        <PasswordForm
          oneTime={false}
          user={user}
          onChanged={(next) => {
            setUser(next);
            message.success(words.session.changed);
          }}
        />
      </div>
    </Page>
  );
}
