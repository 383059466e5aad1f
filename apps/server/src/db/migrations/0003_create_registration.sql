create table qualifications (
  id bigint primary key,
  tenant_id bigint not null references tenants,
  name text not null,
  company text not null,
  credit_code text not null,
  legal_person text not null,
  own_use boolean not null,
  -- name and phone of the contact
  sealed_contact bytea not null,
  state text not null check (state in ('in_review', 'approved', 'rejected', 'withdrawn')),
  reason text,
  created_at timestamptz not null,
  unique (tenant_id, name)
);
select grade_columns('tenant', 'qualifications', '{id,tenant_id,name,company,credit_code,legal_person,own_use,state,reason,created_at}');
select grade_columns('personal', 'qualifications', '{sealed_contact}');

create table signatures (
  id bigint primary key,
  tenant_id bigint not null references tenants,
  name text not null,
  source smallint not null check (source between 0 and 5),
  code_only boolean not null,
  -- null only for an application through the old action names, which know no qualification: it cannot be approved so
  qualification_id bigint references qualifications,
  remark text not null,
  state text not null check (state in ('in_review', 'approved', 'rejected', 'withdrawn')),
  reason text,
  order_id bigint not null,
  created_at timestamptz not null,
  unique (tenant_id, name)
);
select grade_columns('tenant', 'signatures', '{id,tenant_id,name,source,code_only,qualification_id,remark,state,reason,order_id,created_at}');

create table signature_files (
  tenant_id bigint not null references tenants,
  signature_id bigint not null references signatures on delete cascade,
  position smallint not null,
  suffix text not null,
  sealed_contents bytea not null,
  primary key (tenant_id, signature_id, position)
);
select grade_columns('tenant', 'signature_files', '{tenant_id,signature_id,position,suffix}');
select grade_columns('personal', 'signature_files', '{sealed_contents}');

create table templates (
  id bigint primary key,
  tenant_id bigint not null references tenants,
  code text not null unique,
  name text not null,
  kind text not null check (kind in ('code', 'notice', 'marketing', 'international')),
  content text not null,
  variables jsonb not null,
  related_sign_name text,
  remark text not null,
  state text not null check (state in ('in_review', 'approved', 'rejected', 'withdrawn')),
  reason text,
  order_id bigint not null,
  created_at timestamptz not null
);
create index templates_by_tenant on templates (tenant_id, id);
select grade_columns('tenant', 'templates', '{id,tenant_id,code,name,kind,content,variables,related_sign_name,remark,state,reason,order_id,created_at}');

-- Numbers exempt from the per-number limits of their tenant (300 at most, reference §7): the sandbox phone is one.
create table exempt_numbers (
  tenant_id bigint not null references tenants,
  number_key bytea not null,
  sealed_number bytea not null,
  created_at timestamptz not null,
  primary key (tenant_id, number_key)
);
select grade_columns('personal', 'exempt_numbers', '{number_key,sealed_number}');
select grade_columns('tenant', 'exempt_numbers', '{tenant_id,created_at}');

create table opt_outs (
  id bigint primary key,
  tenant_id bigint not null references tenants,
  number_key bytea not null,
  sealed_number bytea not null,
  source text not null check (source in ('reply', 'console')),
  created_at timestamptz not null,
  lifted_at timestamptz,
  lifted_reason text
);
create unique index opt_outs_in_force on opt_outs (tenant_id, number_key) where lifted_at is null;
select grade_columns('personal', 'opt_outs', '{number_key,sealed_number}');
select grade_columns('tenant', 'opt_outs', '{id,tenant_id,source,created_at,lifted_at,lifted_reason}');
