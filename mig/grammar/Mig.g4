// The interface definition language, both dialects, without actions.
//
// What it sees is the preprocessor's output.  Comments and `# line` markers travel on hidden channels: the first become
// documentation, the second map positions back to the files that people wrote.  Keywords are case-insensitive, and most
// of them may also name things (rule `name`), because interfaces written for other compilers do that.
grammar Mig;

// ---- Specification --------------------------------------------------------------------------------------------------

specification: statement* EOF;

statement
    : subsystem
    | traps
    | TYPE typeDeclaration SEMI
    | routine SEMI
    | trapRoutine SEMI
    | skip
    | importStatement
    | setting
    | SEMI
    ;

subsystem: SUBSYSTEM subsystemModifier* name integer SEMI;
subsystemModifier: KERNEL_USER | KERNEL_SERVER;
traps: TRAPS name integer SEMI;
skip: SKIP_KEYWORD integer? SEMI;
importStatement: (IMPORT | UIMPORT | SIMPORT | DIMPORT | IIMPORT) fileName SEMI;
fileName: STRING | ANGLED;

setting
    : RCSID STRING SEMI                                  # rcsIdSetting
    | (USER_PREFIX | SERVER_PREFIX) name SEMI            # prefixSetting
    | SERVER_DEMUX name SEMI                             # demuxSetting
    | ERROR name SEMI                                    # errorSetting
    | (WAIT_TIME | SEND_TIME | MSG_OPTION) phrase SEMI   # phraseSetting
    | (NO_WAIT_TIME | NO_SEND_TIME) SEMI                 # noTimeSetting
    | (USER_TYPE_LIMIT | ON_STACK_LIMIT) integer SEMI    # limitSetting
    | CONSUME_ON_SEND_ERROR name SEMI                    # consumeSetting
    | USE_SPECIAL_REPLY_PORT integer SEMI                # specialReplySetting
    ;

// Text that is copied into the generated code as it stands.
phrase: phraseToken+;
phraseToken: ~(SEMI | LPAREN | RPAREN | COMMA) | LPAREN phraseToken* RPAREN;

// ---- Types ----------------------------------------------------------------------------------------------------------

typeDeclaration: name EQUAL typeWithTranslations;
typeWithTranslations: typeSpec translation*;

translation
    : INTRAN COLON cType name LPAREN cType RPAREN          # inTranslation
    | OUTTRAN COLON cType name LPAREN cType RPAREN         # outTranslation
    | INTRAN_PAYLOAD COLON cType name (LPAREN cType? RPAREN)? # payloadTranslation
    | DESTRUCTOR COLON name LPAREN cType RPAREN            # destructorTranslation
    | (CTYPE | CUSER_TYPE | CSERVER_TYPE) COLON cType      # cTypeTranslation
    ;
cType: STRUCT? name+ (COLON COLON name)* STAR*;

typeSpec
    : primitiveType                                                   # namedType
    | primitiveType BAR primitiveType                                 # twoSidedType
    | LPAREN primitiveType (BAR primitiveType)? COMMA integer typeFlag* RPAREN   # sizedBasicType
    | CARET typeSpec                                                  # pointerType
    | ARRAY LBRACKET arrayBound? RBRACKET OF typeSpec                 # arrayType
    | STRUCT LBRACKET integer RBRACKET OF typeSpec                    # structArrayType
    | STRUCT name? LBRACE structMember* RBRACE                        # structType
    | C_STRING LBRACKET (STAR COLON)? integer RBRACKET                # stringType
    | POINTER_TO LPAREN typeSpec RPAREN                               # nativePointerType
    | POINTER_TO_IF_NOT LPAREN typeSpec COMMA phrase RPAREN           # nativePointerIfNotType
    | VALUE_OF LPAREN typeSpec RPAREN                                 # nativeValueType
    | USER_POINTER LPAREN typeSpec (COMMA pointerExtent)? RPAREN      # userPointerType
    ;
arrayBound: STAR (COLON integer)? | integer;
structMember: typeSpec name SEMI;
typeFlag: COMMA flag;
pointerExtent: integer | name;

// MACH_MSG_TYPE_* and POLYMORPHIC are ordinary names here: mach_msg_type_number_t must stay one.
primitiveType: name | integer;

// ---- Routines -------------------------------------------------------------------------------------------------------

routine
    : (ROUTINE | SIMPLE_ROUTINE | PROCEDURE | SIMPLE_PROCEDURE) name argumentList
    | FUNCTION name argumentList COLON argumentType
    ;
trapRoutine: TRAP name argumentList (COLON name)?;

argumentList: LPAREN (argument (SEMI argument)* SEMI?)? RPAREN;
argument: direction? name COLON argumentType argumentFlag*;
argumentType: (name EQUAL)? typeWithTranslations;

direction
    : IN | OUT | INOUT
    | REQUEST_PORT | REPLY_PORT | SREPLY_PORT | UREPLY_PORT
    | WAIT_TIME | SEND_TIME | MSG_OPTION | MSG_SEQNO | RETCODE
    | SECURITY_TOKEN | USER_SECURITY_TOKEN | SERVER_SECURITY_TOKEN
    | AUDIT_TOKEN | USER_AUDIT_TOKEN | SERVER_AUDIT_TOKEN
    | SERVER_CONTEXT_TOKEN | SERVER_IMPLICIT | USER_IMPLICIT
    ;

argumentFlag: COMMA flag;
flag
    : DEALLOC (LBRACKET RBRACKET)?
    | NOT_DEALLOC | SERVER_COPY | PHYSICAL_COPY | OVERWRITE | AUTO | CONST
    | IS_LONG | IS_NOT_LONG
    | SAME_COUNT | COUNT_IN_OUT | RETCODE
    ;

// ---- Expressions and names ------------------------------------------------------------------------------------------

integer
    : integer (STAR | SLASH) integer
    | integer (PLUS | MINUS) integer
    | LPAREN integer RPAREN
    | NUMBER
    ;

// A name may be spelled like a keyword wherever no keyword can stand.
name
    : IDENTIFIER
    | TRAPS | TRAP | USER_POINTER | ERROR | SKIP_KEYWORD | RCSID | RETCODE | MSG_OPTION | WAIT_TIME | SEND_TIME
    | MSG_SEQNO | REQUEST_PORT | REPLY_PORT | SREPLY_PORT | UREPLY_PORT
    | AUTO | OVERWRITE | DEALLOC | DESTRUCTOR | VALUE_OF | POINTER_TO | POINTER_TO_IF_NOT
    | FUNCTION | PROCEDURE | ROUTINE | IMPORT | POLYMORPHIC | SECURITY_TOKEN | AUDIT_TOKEN
    | USER_PREFIX | SERVER_PREFIX | SUBSYSTEM | TYPE | IN | OUT | OF | CONST
    ;

// ---- Tokens ---------------------------------------------------------------------------------------------------------

SUBSYSTEM: S U B S Y S T E M;
KERNEL_USER: K E R N E L U S E R;
KERNEL_SERVER: K E R N E L S E R V E R;
TRAPS: T R A P S;
TRAP: T R A P;
TYPE: T Y P E;
ROUTINE: R O U T I N E;
SIMPLE_ROUTINE: S I M P L E R O U T I N E;
PROCEDURE: P R O C E D U R E;
SIMPLE_PROCEDURE: S I M P L E P R O C E D U R E;
FUNCTION: F U N C T I O N;
SKIP_KEYWORD: S K I P;
IMPORT: I M P O R T;
UIMPORT: U I M P O R T;
SIMPORT: S I M P O R T;
DIMPORT: D I M P O R T;
IIMPORT: I I M P O R T;
RCSID: R C S I D;
USER_PREFIX: U S E R P R E F I X;
SERVER_PREFIX: S E R V E R P R E F I X;
SERVER_DEMUX: S E R V E R D E M U X;
ERROR: E R R O R;
WAIT_TIME: W A I T T I M E;
SEND_TIME: S E N D T I M E;
NO_WAIT_TIME: N O W A I T T I M E;
NO_SEND_TIME: N O S E N D T I M E;
MSG_OPTION: M S G O P T I O N;
MSG_SEQNO: M S G S E Q N O;
USER_TYPE_LIMIT: U S E R T Y P E L I M I T;
ON_STACK_LIMIT: O N S T A C K L I M I T;
CONSUME_ON_SEND_ERROR: C O N S U M E O N S E N D E R R O R;
USE_SPECIAL_REPLY_PORT: U S E S P E C I A L R E P L Y P O R T;
IN: I N;
OUT: O U T;
INOUT: I N O U T;
REQUEST_PORT: R E Q U E S T P O R T;
REPLY_PORT: R E P L Y P O R T;
SREPLY_PORT: S R E P L Y P O R T;
UREPLY_PORT: U R E P L Y P O R T;
RETCODE: R E T C O D E;
SECURITY_TOKEN: S E C T O K E N;
USER_SECURITY_TOKEN: U S E R S E C T O K E N;
SERVER_SECURITY_TOKEN: S E R V E R S E C T O K E N;
AUDIT_TOKEN: A U D I T T O K E N;
USER_AUDIT_TOKEN: U S E R A U D I T T O K E N;
SERVER_AUDIT_TOKEN: S E R V E R A U D I T T O K E N;
SERVER_CONTEXT_TOKEN: S E R V E R C O N T E X T T O K E N;
SERVER_IMPLICIT: S E R V E R I M P L;
USER_IMPLICIT: U S E R I M P L;
INTRAN: I N T R A N;
OUTTRAN: O U T T R A N;
INTRAN_PAYLOAD: I N T R A N P A Y L O A D;
DESTRUCTOR: D E S T R U C T O R;
CTYPE: C T Y P E;
CUSER_TYPE: C U S E R T Y P E;
CSERVER_TYPE: C S E R V E R T Y P E;
ARRAY: A R R A Y;
STRUCT: S T R U C T;
OF: O F;
C_STRING: C '_' S T R I N G;
POINTER_TO: P O I N T E R T O;
POINTER_TO_IF_NOT: P O I N T E R T O I F N O T;
VALUE_OF: V A L U E O F;
USER_POINTER: P O I N T E R '_' T O;
POLYMORPHIC: P O L Y M O R P H I C;
DEALLOC: D E A L L O C;
NOT_DEALLOC: N O T D E A L L O C;
SERVER_COPY: S E R V E R C O P Y;
PHYSICAL_COPY: P H Y S I C A L C O P Y;
OVERWRITE: O V E R W R I T E;
AUTO: A U T O;
CONST: C O N S T;
IS_LONG: I S L O N G;
IS_NOT_LONG: I S N O T L O N G;
SAME_COUNT: S A M E C O U N T;
COUNT_IN_OUT: C O U N T I N O U T;

SEMI: ';';
COLON: ':';
COMMA: ',';
EQUAL: '=';
STAR: '*';
PLUS: '+';
MINUS: '-';
SLASH: '/';
BAR: '|';
CARET: '^';
LPAREN: '(';
RPAREN: ')';
LBRACKET: '[';
RBRACKET: ']';
LBRACE: '{';
RBRACE: '}';

NUMBER: '0' [xX] [0-9a-fA-F]+ | [0-9]+;
IDENTIFIER: [A-Za-z_] [A-Za-z0-9_]*;
STRING: '"' ~["\r\n]* '"';
ANGLED: '<' ~[>\r\n]* '>';

LINE_MARKER: '#' ~[\r\n]* -> channel(HIDDEN);
BLOCK_COMMENT: '/*' .*? '*/' -> channel(HIDDEN);
LINE_COMMENT: '//' ~[\r\n]* -> channel(HIDDEN);
WHITESPACE: [ \t\r\n\f\u000B]+ -> skip;
// Anything else is reported by the parser, which knows what it expected.
UNKNOWN: .;

fragment A: [aA]; fragment B: [bB]; fragment C: [cC]; fragment D: [dD]; fragment E: [eE]; fragment F: [fF];
fragment G: [gG]; fragment H: [hH]; fragment I: [iI]; fragment J: [jJ]; fragment K: [kK]; fragment L: [lL];
fragment M: [mM]; fragment N: [nN]; fragment O: [oO]; fragment P: [pP]; fragment Q: [qQ]; fragment R: [rR];
fragment S: [sS]; fragment T: [tT]; fragment U: [uU]; fragment V: [vV]; fragment W: [wW]; fragment X: [xX];
fragment Y: [yY]; fragment Z: [zZ];
