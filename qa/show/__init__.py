"""An answer as people and programs receive it: documents, HTML, Markdown, exports."""
