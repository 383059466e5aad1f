-- One row a recipient. Ids grow with time (platform/ids.ts), so (…, id) indexes are time-ordered; the recipients of one
-- call have the ids from call_id on, so a call needs no index of its own.
create table messages (
  tenant_id bigint not null,
  id bigint not null,
  call_id bigint not null,
  signature_id bigint not null,
  template_id bigint not null,
  kind text not null check (kind in ('code', 'notice', 'marketing', 'international')),
  -- keyed digest of the E.164 number, 16 octets
  number_key bytea not null,
  -- envelope of {phone, text, outId}, AAD tenant | messages | sealed | id
  sealed bytea,
  segment_count smallint not null,
  -- stored states; 'submitted' is read from segments
  state text not null check (state in ('held', 'accepted', 'in_doubt', 'delivered', 'undelivered', 'refused', 'expired')),
  err_code text,
  -- which rule refused or held, and when it is free again; never personal data
  finding jsonb,
  accepted_at timestamptz not null,
  expires_at timestamptz not null,
  final_at timestamptz,
  audit_index bigint not null,
  -- whether the send counts for the per-number limits
  counted boolean not null,
  primary key (tenant_id, id)
) with (fillfactor = 85);
create index messages_by_number on messages (number_key, id);
select grade_columns('tenant', 'messages', '{tenant_id,id,call_id,signature_id,template_id,kind,segment_count,state,err_code,finding,accepted_at,expires_at,final_at,audit_index,counted}');
select grade_columns('personal', 'messages', '{number_key,sealed}');

-- What a per-number rule may know of other tenants' sends: times and kinds, nothing else.
create function recent_sends(keys bytea[], since_id bigint)
returns table (number_key bytea, id bigint, tenant_id bigint, signature_id bigint, template_id bigint, kind text)
language sql stable security definer set search_path = public as $$
  select m.number_key, m.id, m.tenant_id, m.signature_id, m.template_id, m.kind
  from messages m
  where m.number_key = any (keys) and m.id >= since_id and m.counted
$$;

create table held_messages (
  tenant_id bigint not null references tenants,
  message_id bigint not null,
  expires_at timestamptz not null,
  primary key (tenant_id, message_id)
);
create index held_messages_by_expiry on held_messages (expires_at);
select grade_columns('tenant', 'held_messages', '{tenant_id,message_id,expires_at}');

create table refusals (
  tenant_id bigint not null references tenants,
  id bigint not null,
  request_id text not null,
  step smallint not null,
  code text not null,
  reason text not null,
  at timestamptz not null,
  primary key (tenant_id, id)
);
select grade_columns('tenant', 'refusals', '{tenant_id,id,request_id,step,code,reason,at}');

-- Answers kept 24 h for repeats of the same Idempotency-Key.
create table idempotent_answers (
  tenant_id bigint not null references tenants,
  key_digest bytea not null,
  body_digest bytea not null,
  answer jsonb not null,
  expires_at timestamptz not null,
  primary key (tenant_id, key_digest)
);
create index idempotent_answers_by_expiry on idempotent_answers (expires_at);
select grade_columns('tenant', 'idempotent_answers', '{tenant_id,key_digest,body_digest,answer,expires_at}');

-- carriers
create table carriers (
  id bigint primary key,
  name text not null unique,
  host text not null,
  port integer not null,
  tls boolean not null,
  system_id text not null,
  sealed_password bytea not null,
  source_address text not null,
  window_size integer not null,
  per_second integer not null,
  enabled boolean not null,
  sandbox boolean not null,
  created_at timestamptz not null
);
select grade_columns('internal', 'carriers', '{id,name,host,port,tls,system_id,source_address,window_size,per_second,enabled,sandbox,created_at}');
select grade_columns('secret', 'carriers', '{sealed_password}');

-- The outbox of the gateway: one row for all messages of one commit, leased to a process, gone when each has its outcome.
create table dispatch_chunks (
  id bigint primary key,
  message_ids bigint[] not null,
  tenant_ids bigint[] not null,
  -- the attempt that these messages are due for: one that had it already stands in a newer chunk
  attempt smallint not null,
  not_before timestamptz not null,
  owner bigint not null
);
comment on table dispatch_chunks is 'no tenant_id: a chunk spans the tenants of one commit and holds ids only';
create index dispatch_chunks_by_owner on dispatch_chunks (owner, not_before);
select grade_columns('internal', 'dispatch_chunks', '{id,message_ids,tenant_ids,attempt,not_before,owner}');

-- The intent: which messages are about to go on which wire. A row that outlives its process puts its messages in doubt.
create table attempts (
  id bigint primary key,
  carrier_id bigint not null references carriers,
  chunk_id bigint not null,
  message_ids bigint[] not null,
  tenant_ids bigint[] not null,
  attempt_numbers smallint[] not null,
  routes text[] not null,
  owner bigint not null,
  at timestamptz not null
);
comment on table attempts is 'no tenant_id: one intent covers what one write carries, over tenants, ids only';
create index attempts_by_owner on attempts (owner);
select grade_columns('internal', 'attempts', '{id,carrier_id,chunk_id,message_ids,tenant_ids,attempt_numbers,routes,owner,at}');

create table segments (
  tenant_id bigint not null,
  message_id bigint not null,
  attempt smallint not null,
  segment smallint not null,
  carrier_id bigint not null,
  state text not null check (state in ('accepted', 'rejected', 'unknown', 'delivered', 'undelivered', 'expired')),
  -- normal form of the carrier's id, the key that receipts are matched by; null when there is none
  carrier_key text,
  carrier_message_id text,
  status text,
  -- why this carrier (step 12), and when the intent was recorded (step 14)
  route text not null,
  intended_at timestamptz not null,
  at timestamptz not null,
  receipt_at timestamptz,
  primary key (tenant_id, message_id, attempt, segment)
) with (fillfactor = 85);
create index segments_by_carrier_key on segments (carrier_id, carrier_key);
select grade_columns('tenant', 'segments', '{tenant_id,message_id,attempt,segment,carrier_id,state,carrier_key,carrier_message_id,status,route,intended_at,at,receipt_at}');

create table orphan_receipts (
  id bigint primary key,
  carrier_id bigint not null references carriers,
  candidate_keys text[] not null,
  number_key bytea,
  state text not null,
  err_code text,
  received_at timestamptz not null,
  next_at timestamptz not null,
  tries smallint not null,
  given_up_at timestamptz
);
create index orphan_receipts_by_time on orphan_receipts (next_at) where given_up_at is null;
select grade_columns('internal', 'orphan_receipts', '{id,carrier_id,candidate_keys,state,err_code,received_at,next_at,tries,given_up_at}');
select grade_columns('personal', 'orphan_receipts', '{number_key}');

-- inbound (MO)
create table inbound_messages (
  tenant_id bigint not null references tenants,
  id bigint not null,
  carrier_id bigint not null,
  number_key bytea not null,
  -- envelope of {phone, text}
  sealed bytea not null,
  dest_code text not null,
  opt_out boolean not null,
  received_at timestamptz not null,
  primary key (tenant_id, id)
);
select grade_columns('tenant', 'inbound_messages', '{tenant_id,id,carrier_id,dest_code,opt_out,received_at}');
select grade_columns('personal', 'inbound_messages', '{number_key,sealed}');

-- webhooks
create table webhooks (
  tenant_id bigint primary key references tenants,
  report_url text,
  inbound_url text,
  sealed_secret bytea not null,
  changed_at timestamptz not null
);
select grade_columns('tenant', 'webhooks', '{tenant_id,report_url,inbound_url,changed_at}');
select grade_columns('secret', 'webhooks', '{sealed_secret}');

create table deliveries (
  tenant_id bigint not null references tenants,
  id bigint not null,
  kind text not null check (kind in ('report', 'inbound')),
  event_ids bigint[] not null,
  state text not null check (state in ('waiting', 'delivered', 'dead')),
  tries smallint not null,
  last_status text,
  created_at timestamptz not null,
  next_at timestamptz not null,
  primary key (tenant_id, id)
);
-- The pusher finds endpoints by skipping along this index (measured: 3-15 ms a claim with 100,000 due rows, 6 s without).
create index deliveries_waiting on deliveries (tenant_id, kind, next_at) where state = 'waiting';
create index deliveries_of_tenant_waiting on deliveries (tenant_id) where state <> 'delivered';
select grade_columns('tenant', 'deliveries', '{tenant_id,id,kind,event_ids,state,tries,last_status,created_at,next_at}');

create index messages_by_time on messages using brin (id);

-- The segments that receipts speak of, with their siblings of the same attempt, whoever the tenant is.
create function find_segments(carriers bigint[], keys text[])
returns table (tenant_id bigint, message_id bigint, attempt smallint, segment smallint, carrier_id bigint,
  carrier_key text, state text, segment_count smallint, message_state text, number_key bytea)
language sql stable security definer set search_path = public as $$
  select s.tenant_id, s.message_id, s.attempt, s.segment, s.carrier_id, s.carrier_key, s.state, m.segment_count, m.state, m.number_key
  from (select distinct x.tenant_id, x.message_id, x.attempt
        from unnest(carriers, keys) as k (carrier_id, carrier_key)
        join segments x on x.carrier_id = k.carrier_id and x.carrier_key = k.carrier_key) as hit
  join segments s using (tenant_id, message_id, attempt)
  join messages m on m.tenant_id = hit.tenant_id and m.id = hit.message_id
$$;
