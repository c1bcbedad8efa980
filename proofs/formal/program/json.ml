(* JSON as certificates have it: objects, lists, strings, integers of one spelling. Not verified: what it
   reads is printed as the claim. *)

exception Rejected of string

type json =
  | Null
  | Boolean of bool
  | Number of int
  | Text of string
  | List of json list
  | Object of (string * json) list

let reject format = Printf.ksprintf (fun text -> raise (Rejected text)) format

(* Code points below 0x110000, as UTF-8. *)
let add_code buffer code =
  let byte b = Buffer.add_char buffer (Char.chr b) and low c = 0x80 lor (c land 0x3f) in
  if code < 0x80 then byte code
  else if code < 0x800 then (byte (0xc0 lor (code lsr 6)); byte (low code))
  else if code < 0x10000 then (byte (0xe0 lor (code lsr 12)); byte (low (code lsr 6)); byte (low code))
  else (byte (0xf0 lor (code lsr 18)); byte (low (code lsr 12)); byte (low (code lsr 6)); byte (low code))

let parse text =
  let length = String.length text and at = ref 0 in
  let peek () = if !at < length then text.[!at] else '\000' in
  let next () = let c = peek () in if !at >= length then reject "the document ends too early [F6]"; incr at; c in
  let rec skip () = match peek () with ' ' | '\t' | '\n' | '\r' when !at < length -> incr at; skip () | _ -> () in
  let expect word =
    String.iter (fun c -> if next () <> c then reject "expected %s at byte %d [F6]" word !at) word in
  let hex () =
    let digit () = match next () with
      | '0' .. '9' as c -> Char.code c - 48
      | 'a' .. 'f' as c -> Char.code c - 87
      | 'A' .. 'F' as c -> Char.code c - 55
      | _ -> reject "a bad escape at byte %d [F6]" !at in
    let a = digit () in let b = digit () in let c = digit () in let d = digit () in
    (a lsl 12) lor (b lsl 8) lor (c lsl 4) lor d in
  let text_here () =
    let buffer = Buffer.create 16 in
    let rec go () = match next () with
      | '"' -> Buffer.contents buffer
      | '\\' ->
        (match next () with
         | '"' | '\\' | '/' as c -> Buffer.add_char buffer c
         | 'b' -> Buffer.add_char buffer '\b'
         | 'f' -> Buffer.add_char buffer '\012'
         | 'n' -> Buffer.add_char buffer '\n'
         | 'r' -> Buffer.add_char buffer '\r'
         | 't' -> Buffer.add_char buffer '\t'
         | 'u' ->
           let high = hex () in
           let pair = high land 0xfc00 = 0xd800 && !at + 1 < length && peek () = '\\' && text.[!at + 1] = 'u' in
           if pair then begin
             let back = !at in
             at := !at + 2;
             let low = hex () in
             if low land 0xfc00 = 0xdc00
             then add_code buffer (0x10000 + ((high land 0x3ff) lsl 10) + (low land 0x3ff))
             else (at := back; add_code buffer high)
           end
           else add_code buffer high
         | _ -> reject "a bad escape at byte %d [F6]" !at);
        go ()
      | c when c < ' ' -> reject "a control character at byte %d [F6]" !at
      | c -> Buffer.add_char buffer c; go () in
    go () in
  let number () =
    let start = !at in
    let inside = function '0' .. '9' | '-' | '+' | '.' | 'e' | 'E' -> true | _ -> false in
    while !at < length && inside (peek ()) do incr at done;
    let word = String.sub text start (!at - start) in
    let digits = if word <> "" && word.[0] = '-' then String.sub word 1 (String.length word - 1) else word in
    let good = digits <> "" && String.length digits <= 9 && String.for_all (fun c -> '0' <= c && c <= '9') digits
               && (digits.[0] <> '0' || word = "0") in
    if not good then reject "a number at byte %d is no integer of a certificate [J2]" start;
    Number (int_of_string word) in
  let rec items : 'a. char -> (unit -> 'a) -> 'a list = fun close item -> (* after the opening bracket *)
    skip ();
    if peek () = close then (incr at; [])
    else begin
      let rec more found =
        let found = item () :: found in
        skip ();
        match next () with
        | ',' -> more found
        | c when c = close -> List.rev found
        | _ -> reject "expected , or %c at byte %d [F6]" close !at in
      more []
    end
  and value : unit -> json = fun () ->
    skip ();
    match peek () with
    | '{' ->
      incr at;
      let pairs = items '}' (fun () ->
        skip ();
        if next () <> '"' then reject "expected a name at byte %d [F6]" !at;
        let name = text_here () in
        skip ();
        expect ":";
        let v = value () in
        (name, v)) in
      let names = Hashtbl.create 16 in
      List.iter (fun (name, _) ->
        if Hashtbl.mem names name then reject "a name occurs twice in an object [J1]";
        Hashtbl.add names name ()) pairs;
      Object pairs
    | '[' -> incr at; List (items ']' value)
    | '"' -> incr at; Text (text_here ())
    | 't' -> expect "true"; Boolean true
    | 'f' -> expect "false"; Boolean false
    | 'n' -> expect "null"; Null
    | _ -> number () in
  let result = value () in
  skip ();
  if !at < length then reject "expected nothing after byte %d [F6]" !at;
  result
