-- Roles. signet_app is what the server works as: it owns no table and cannot bypass row-level security.
-- signet_sweep is the one named role for claims and sweeps over all tenants; its policies stand in tenant-rules.sql.
do $$
begin
  if not exists (select from pg_roles where rolname = 'signet_app') then
    create role signet_app nologin nobypassrls;
  end if;
  if not exists (select from pg_roles where rolname = 'signet_sweep') then
    create role signet_sweep nologin nobypassrls;
  end if;
  execute format('grant signet_app, signet_sweep to %I', current_user);
end
$$;

grant usage on schema public to signet_app, signet_sweep;

-- Every column carries its data grade as its comment; a test fails on an ungraded column.
-- open: may be shown to anybody · internal: the operator's working data · tenant: belongs to one tenant ·
-- personal: personal data, only ever sealed or as a keyed digest · secret: keys and credentials, only ever sealed or hashed
create function grade_columns(grade text, table_name regclass, column_names text[]) returns void
language plpgsql as $$
declare
  column_name text;
begin
  if grade not in ('open', 'internal', 'tenant', 'personal', 'secret') then
    raise exception 'unknown data grade %', grade;
  end if;
  foreach column_name in array column_names loop
    execute format('comment on column %s.%I is %L', table_name, column_name, grade);
  end loop;
end
$$;

-- A running server. Work is leased to a process; a process whose heartbeat stopped owns nothing.
create table processes (
  id bigint primary key,
  node smallint not null unique check (node between 0 and 1023),
  started_at timestamptz not null,
  heartbeat_at timestamptz not null
);
select grade_columns('internal', 'processes', '{id,node,started_at,heartbeat_at}');

-- Facts about the installation itself: schema-independent, one row each.
create table installation (
  name text primary key,
  value text not null
);
select grade_columns('internal', 'installation', '{name,value}');
