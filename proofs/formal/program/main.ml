(* Checks certificates with the checker that is proved correct in Coq:  checker FILE...
   The files are JSON, not packed; - is standard input. Exit status 0 if every claim is proved, 1 if one is not. *)

open Json

let kinds = [
  "deterministic-lower", Deterministic_lower.check;
  "deterministic-upper", Deterministic_upper.check;
  "policy-lower", Policy.lower;
  "policy-upper", Policy.upper;
  "randomized-lower", Randomized_lower.check;
  "randomized-upper", Randomized_upper.check;
]

let contents path =
  let channel = if path = "-" then stdin else open_in_bin path in
  let buffer = Buffer.create 65536 in
  (try while true do Buffer.add_channel buffer channel 1 done with End_of_file -> ());
  close_in channel;
  Buffer.contents buffer

(* One line of plain ASCII. *)
let shown text =
  let text = if String.length text > 300 then String.sub text 0 297 ^ "..." else text in
  String.concat "" (List.map (fun c ->
    if ' ' <= c && c <= '~' then String.make 1 c else Printf.sprintf "\\x%02x" (Char.code c))
    (List.of_seq (String.to_seq text)))

let verdict path =
  try
    let case = Certificate.case (parse (contents path)) in
    match List.assoc_opt case.kind kinds with
    | Some check -> true, "proved: " ^ check case
    | None -> false, Printf.sprintf "REJECTED: unknown kind %S [F2]" case.kind
  with
  | Rejected why -> false, "REJECTED: " ^ why
  | Sys_error why -> false, "REJECTED: " ^ why
  | error -> false, "REJECTED: malformed: " ^ Printexc.to_string error

let () =
  let paths = List.tl (Array.to_list Sys.argv) in
  let proved = List.map (fun path ->
    let good, said = verdict path in
    Printf.printf "%s: %s\n%!" (shown path) (shown said);
    good) paths in
  exit (if proved <> [] && List.for_all Fun.id proved then 0 else 1)
