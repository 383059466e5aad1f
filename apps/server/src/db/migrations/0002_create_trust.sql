-- accounts
create table tenants (
  id bigint primary key,
  name text not null unique,
  state text not null check (state in ('active', 'frozen')),
  sandbox boolean not null,
  created_at timestamptz not null
);
select grade_columns('internal', 'tenants', '{id,name,state,sandbox,created_at}');

create table users (
  id bigint primary key,
  -- null for the operator's own staff, who belong to no tenant
  tenant_id bigint references tenants,
  name text not null unique,
  role text not null check (role in ('operator', 'reviewer', 'tenant')),
  password_hash text not null,
  must_change_password boolean not null,
  state text not null check (state in ('active', 'disabled')),
  created_at timestamptz not null,
  check ((role = 'tenant') = (tenant_id is not null))
);
select grade_columns('internal', 'users', '{id,tenant_id,name,role,must_change_password,state,created_at}');
select grade_columns('secret', 'users', '{password_hash}');

create table sessions (
  token_digest bytea primary key,
  user_id bigint not null references users on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sessions_by_user on sessions (user_id);
select grade_columns('secret', 'sessions', '{token_digest}');
select grade_columns('internal', 'sessions', '{user_id,created_at,expires_at}');

create table access_keys (
  id text primary key,
  tenant_id bigint not null references tenants,
  sealed_secret bytea not null,
  state text not null check (state in ('active', 'inactive')),
  policies text[] not null,
  remark text not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index access_keys_by_tenant on access_keys (tenant_id);
select grade_columns('tenant', 'access_keys', '{id,tenant_id,state,policies,remark,created_at,last_used_at}');
select grade_columns('secret', 'access_keys', '{sealed_secret}');

-- access: nonces of signed requests, kept 30 minutes (reference §5). Written with synchronous_commit off: the group
-- commit that acknowledges a send flushes everything before it, so no acknowledged request can be replayed.
create table nonces (
  digest uuid primary key,
  seen_at timestamptz not null
);
create index nonces_by_time on nonces using brin (seen_at);
select grade_columns('internal', 'nonces', '{digest,seen_at}');

-- vault
create table data_keys (
  owner_id bigint not null,
  purpose text not null check (purpose in ('seal', 'index', 'sign')),
  version smallint not null,
  kek_id text not null,
  wrapped bytea not null,
  created_at timestamptz not null,
  primary key (owner_id, purpose, version)
);
comment on table data_keys is 'tenantless: owner 0 is the platform; only the vault reads it and a wrapped key opens nothing without the key-encryption key';
select grade_columns('internal', 'data_keys', '{owner_id,purpose,version,kek_id,created_at}');
select grade_columns('secret', 'data_keys', '{wrapped}');

-- audit: the log of packages/merkle-log. One row of head, locked by each group commit, is the sequencer.
create table audit_head (
  singleton boolean primary key default true check (singleton),
  size bigint not null,
  frontier bytea not null,
  -- counts changes of what the accept path judges by (keys, signatures, templates, opt-outs …): see modules/trust/audit
  registry_version bigint not null
);
insert into audit_head (size, frontier, registry_version) values (0, '', 0);
select grade_columns('internal', 'audit_head', '{singleton,size,frontier,registry_version}');

create table audit_chunks (
  first_index bigint primary key,
  entry_count integer not null check (entry_count > 0),
  -- entries as length-prefixed UTF-8 JSON (u32 length, bytes), leaf hashes 32 octets each
  entries bytea not null,
  leaf_hashes bytea not null,
  at timestamptz not null
);
select grade_columns('internal', 'audit_chunks', '{first_index,entry_count,entries,leaf_hashes,at}');

create table audit_checkpoints (
  size bigint primary key,
  note text not null,
  at timestamptz not null
);
select grade_columns('open', 'audit_checkpoints', '{size,note,at}');

-- approvals
create table reviews (
  id bigint primary key,
  tenant_id bigint not null references tenants,
  subject text not null check (subject in ('qualification', 'signature', 'template', 'message')),
  subject_id bigint not null,
  state text not null check (state in ('open', 'approved', 'rejected', 'lapsed')),
  opened_at timestamptz not null,
  due_at timestamptz not null,
  decided_at timestamptz,
  decided_by text,
  reason text
);
create index reviews_open on reviews (due_at) where state = 'open';
create index reviews_by_subject on reviews (tenant_id, subject, subject_id);
select grade_columns('tenant', 'reviews', '{id,tenant_id,subject,subject_id,state,opened_at,due_at,decided_at,decided_by,reason}');
