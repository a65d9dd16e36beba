"""Two visits of one patient, lesion by lesion: from both series to one reading."""
