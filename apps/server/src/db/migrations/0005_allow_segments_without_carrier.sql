-- A message that was queued when a backup was taken may have been sent by the old server, over whichever carrier: its
-- segments are in doubt, and no carrier is known.
alter table segments alter column carrier_id drop not null;
