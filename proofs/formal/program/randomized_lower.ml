(* Kind randomized-lower, for check_randomized_lower: the weights of labels as shares of pages. *)

open Checker
open Json
open Fractions
open Certificate

let check case =
  only case [ "states"; "chain"; "memory" ];
  let l = natural case.l and n = natural case.n and k = natural case.k and ratio = ratio_of case in
  let memory = match field case.fields "memory" with
    | Number m when 0 <= m && m <= case.k -> natural m
    | _ -> reject "memory: expected an integer from 0 to the cache size [F8]" in
  let first_row = function row :: _ -> row | [] -> [] in
  let rows = List.map (fun (key, (rows, empty), row) ->
    if empty <> [] then reject "%s: the cache is full from the start [F7]" key;
    match row with
    | [ value ] -> key, rows, read (text value)
    | _ -> reject "state %s: expected [potential] [F6]" key) (states case) in
  let weighed = List.map (fun (key, weights) ->
    let place, empty = state_of case key in
    if empty <> [] || text_of (place, []) <> key then reject "chain: %S is not the text of a state [F7]" key;
    let row = first_row place in
    let weights = List.map (fun (name, weight) ->
      let b = match String.split_on_char '.' name with
        | [ level; token ] -> small (case.k + 1) level, small largest_token token
        | _ -> reject "chain at %s: no such label %S [C2]" key name in
      let alike = List.length (List.filter (fun c -> c = b) row) and weight = read (text weight) in
      if alike = 0 then reject "chain at %s: no such label %S [C2]" key name;
      if weight.negative || weight.above = N0 then reject "chain at %s: expected positive weights [C1]" key;
      b, alike, weight) (entries weights) in
    if weights = [] then reject "chain at %s: expected weights [F6]" key;
    key, place, weights) (entries (field case.fields "chain")) in
  let potentials = List.map (fun (_, _, value) -> value) rows in
  ignore (common (ratio :: potentials @ List.concat_map (fun (_, _, ws) -> List.map (fun (_, _, w) -> w) ws) weighed));
  let places = Hashtbl.create 1000 in
  let shares_of weights =
    let whole = common (List.map (fun (_, _, w) -> w) weights) in
    let copies = List.fold_left (fun m (_, alike, _) -> lcm m (binary alike)) one weights in
    List.map (fun (b, alike, w) -> b, N.mul (N.mul w.above (N.div whole w.below)) (N.div copies (binary alike))) weights in
  List.iter (fun (key, place, weights) -> Hashtbl.add places key (place, shares_of weights)) weighed;
  let here key = match Hashtbl.find_opt places key with
    | Some found -> found
    | None -> reject "chain at %s is missing [F7]" key in
  let hidden place = text_of (List.map (sort (fun b -> b)) (each hide place), []) in
  (* positions that may be drawn, with their labels *)
  let drawn shares place =
    List.filter (fun (_, b) -> List.mem_assoc (hide b) shares) (List.mapi (fun i b -> natural i, b) (first_row place)) in
  let used = Hashtbl.create 1000 in
  walk (first_place l n k, []) (fun _ (place, _) ->
    let key = hidden place in
    Hashtbl.replace used key ();
    List.concat_map (fun (i, b) -> List.map (fun rows -> after k memory true i b rows, []) (answers_of b place))
      (drawn (snd (here key)) place))
    (List.map (fun (key, _, _) -> key) rows);
  List.iter (fun (key, _, _) -> if not (Hashtbl.mem used key) then reject "chain: nothing speaks of %s [F7]" key) weighed;
  (* how many draws growth is away *)
  let next = List.map (fun (key, place, _) ->
    let moves = drawn (snd (here key)) place in
    key, List.exists (fun (_, (level, _)) -> integer level > case.k) moves,
    List.map (fun (i, b) -> text_of (after k memory false i b place, [])) moves) weighed in
  let away = Hashtbl.create 1000 in
  List.iter (fun (key, grows, _) -> if grows then Hashtbl.add away key 0) next;
  let rec spread r =
    let more = List.filter (fun (key, _, after) -> not (Hashtbl.mem away key)
      && List.exists (fun other -> Hashtbl.find_opt away other = Some (r - 1)) after) next in
    List.iter (fun (key, _, _) -> Hashtbl.add away key r) more;
    if more <> [] then spread (r + 1) in
  spread 1;
  let chain = List.map (fun (key, place, _) -> match Hashtbl.find_opt away key with
    | Some r -> { seen = place; shares = snd (here key); away = natural r }
    | None -> reject "the adversary may let everybody hit for ever [L2]") weighed in
  let scale = common potentials in
  let values = shifted (N.mul scale ratio.below) potentials in
  let entries = List.map2 (fun (_, place, _) value -> { shown = place; worth = value }) rows values in
  if not (check_randomized_lower l n k memory ratio.above ratio.below scale chain entries) then
    reject "a potential is too large, or a state is missing [L1]";
  claim case ">=" "every policy"
