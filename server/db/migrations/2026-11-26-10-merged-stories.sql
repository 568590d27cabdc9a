-- Where a story went that people merged into another: links in mails, notes and audit entries keep leading to it.
create table merged_story (
  id bigint primary key,
  into_id bigint not null references story on delete cascade
);
create index merged_story_into on merged_story (into_id);
