-- An item of a feed with its text and what the feed said of it has two to three kilobytes. The server squeezed it to get
-- below two, for which it needed as long as for writing it, and unpacked it again for the analysis. Now it stays as it is
-- up to four; longer ones, most pages of articles, go the old way.
alter table document set (toast_tuple_target = 4080);
