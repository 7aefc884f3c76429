; Puts Mail Lab under "Open with" of labs and mails, and leaves the program that opens them by a double click as it is.
!macro customInstall
  WriteRegStr SHCTX "Software\Classes\MailLab.File" "" "Mail Lab"
  WriteRegStr SHCTX "Software\Classes\MailLab.File\shell\open\command" "" '"$INSTDIR\${APP_EXECUTABLE_FILENAME}" "%1"'
  WriteRegStr SHCTX "Software\Classes\.yaml\OpenWithProgids" "MailLab.File" ""
  WriteRegStr SHCTX "Software\Classes\.yml\OpenWithProgids" "MailLab.File" ""
  WriteRegStr SHCTX "Software\Classes\.eml\OpenWithProgids" "MailLab.File" ""
!macroend

!macro customUnInstall
  DeleteRegKey SHCTX "Software\Classes\MailLab.File"
  DeleteRegValue SHCTX "Software\Classes\.yaml\OpenWithProgids" "MailLab.File"
  DeleteRegValue SHCTX "Software\Classes\.yml\OpenWithProgids" "MailLab.File"
  DeleteRegValue SHCTX "Software\Classes\.eml\OpenWithProgids" "MailLab.File"
!macroend
