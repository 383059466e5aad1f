-- When the reviewer decided about the newest application; null while it waits, and where no review tells.
alter table qualifications add column decided_at timestamptz;
alter table signatures add column decided_at timestamptz;
alter table templates add column decided_at timestamptz;

update qualifications q set decided_at = (
  select max(r.decided_at) from reviews r
  where r.subject = 'qualification' and r.subject_id = q.id and r.state = q.state)
where q.state in ('approved', 'rejected');
update signatures s set decided_at = (
  select max(r.decided_at) from reviews r
  where r.subject = 'signature' and r.subject_id = s.id and r.state = s.state)
where s.state in ('approved', 'rejected');
update templates t set decided_at = (
  select max(r.decided_at) from reviews r
  where r.subject = 'template' and r.subject_id = t.id and r.state = t.state)
where t.state in ('approved', 'rejected');

-- What the caller said beside the form (ThirdParty, ApplySceneContent, MoreData, …): echoed, shown to the reviewer, judged
-- by nothing; the shape is SignatureSupplement and TemplateSupplement of the modules' models.
alter table signatures add column supplement jsonb not null default '{}';
alter table templates add column supplement jsonb not null default '{}';

select grade_columns('tenant', 'qualifications', '{decided_at}');
select grade_columns('tenant', 'signatures', '{decided_at,supplement}');
select grade_columns('tenant', 'templates', '{decided_at,supplement}');
