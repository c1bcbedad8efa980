(* Kind randomized-upper, for check_randomized_upper: caches that look alike are written out one by one, and the plan for
   the first page of a label is written out for each page that looks like it. *)

open Checker
open Json
open Fractions
open Certificate
open Play

(* More than this is refused: caches of one state, and pairs of caches in all plans. *)
let most_caches = 500
let most_pairs = 500_000

(* Pages that look alike, as positions of one layer; without the requested page, if there is one. *)
let groups n levels without =
  let kind p = p / n, levels.(p) in
  let others = List.filter (fun p -> p <> without) (List.init (Array.length levels) Fun.id) in
  List.map (fun g -> g, List.filter (fun p -> kind p = g) others) (List.sort_uniq compare (List.map kind others))

(* How many ways there are to choose [b] of [g], as far as it matters. *)
let ways g b =
  let product = ref 1. in
  for i = 0 to b - 1 do product := !product *. float (g - i) /. float (i + 1) done;
  !product

let rec chosen b positions = match b, positions with
  | 0, _ -> [ [] ]
  | _, [] -> []
  | _, p :: rest -> List.map (fun c -> p :: c) (chosen (b - 1) rest) @ chosen b rest

let product lists = List.fold_right (fun one rest -> List.concat_map (fun a -> List.map (fun b -> a :: b) rest) one) lists [ [] ]

(* The tokens of a cache, position by position; with [marked], one page of this level in the first layer has a mark. *)
let tokens_of case levels marked t =
  let rows, empty = state_of case t in
  let labels = List.map (fun (level, token) -> integer level, integer token) (List.concat rows) in
  if empty <> [] || List.map fst labels <> Array.to_list levels then reject "%S is not a cache of its state [D1]" t;
  let sorted = rows_of case.n (List.concat_map (List.sort compare) (rows_of case.n labels)) in
  if text_of (each (fun (level, token) -> natural level, natural token) sorted, []) <> t then
    reject "%S is not the text of a cache [D1]" t;
  let tokens = Array.of_list (List.map snd labels) in
  if List.length (List.filter (fun (_, token) -> token land 1 = 1) labels) <> case.k then reject "%S is not a full cache [D1]" t;
  if Array.exists (fun token -> token > (if marked = None then 1 else 3)) tokens then reject "%S has a token of no meaning [D1]" t;
  let marks = List.filter (fun p -> tokens.(p) > 1) (List.init (Array.length tokens) Fun.id) in
  (match marked, marks with
   | None, _ -> ()
   | Some level, [ p ] when p < case.n && levels.(p) = level -> ()
   | _ -> reject "%S: expected a mark on the requested page [D2]" t);
  tokens

(* How many pages of each group are cached. *)
let counts n levels tokens groups = List.map (fun (kind, positions) ->
  let alike = List.filter (fun p -> (p / n, levels.(p)) = kind && tokens.(p) = 1) (List.init (Array.length tokens) Fun.id) in
  List.length alike, positions) groups

let positive_share t =
  let share = read (text t) in
  if share.negative || share.above = N0 then reject "expected a positive share [D3, D4]";
  share

type asked = { level : int; triples : (int array * int array * fraction) list }
type entry = { levels : int array; value : fraction; caches : (int array * fraction) list; asked : asked list }

(* The state after a request: its levels, and for each of its positions the one before. *)
let after case levels i =
  let inside = if levels.(i) > case.k then 1 else levels.(i) in
  let risen = Array.mapi (fun p level -> if p = i then 1 else if level <= inside then level + 1 else level) levels in
  let turned = List.init (Array.length levels) (fun p -> (p + case.n) mod Array.length levels) in
  let came = List.concat_map (List.stable_sort (fun p p' -> compare risen.(p) risen.(p'))) (rows_of case.n turned) in
  Array.of_list (List.map (fun p -> risen.(p)) came), came

let name case levels =
  text_of (rows_of case.n (List.map (fun level -> natural level, O) (Array.to_list levels)), [])

let entry_of case levels row =
  let key = name case levels in
  let value, caches, plans = match row with
    | List [ value; caches; plans ] -> read (text value), entries caches, entries plans
    | _ -> reject "state %s: expected [potential, caches, plans] [F6]" key in
  let caches = List.map (fun (t, share) -> tokens_of case levels None t, positive_share share) caches in
  let first i = i = 0 || levels.(i) <> levels.(i - 1) in
  List.iter (fun (j, _) -> if not (first (position case key j)) then reject "plans of %s: nothing speaks of %s [F7]" key j) plans;
  let plan i =
    let level = levels.(i) in
    let triple = function
      | List [ Text before; Text now; share ] ->
        (before, now), (tokens_of case levels (Some level) before, tokens_of case levels (Some level) now, positive_share share)
      | _ -> reject "plan %d of %s: no triples [F6]" i key in
    let triples = List.map triple (items (field plans (string_of_int i))) in
    if List.length (List.sort_uniq compare (List.map fst triples)) <> List.length triples then
      reject "plan %d of %s: two caches occur twice [F7]" i key;
    { level; triples = List.map snd triples } in
  let asked = List.fold_left (fun plans i -> if first i then plan i :: plans else plans) [] (List.init case.n Fun.id) in
  { levels; value; caches; asked }

(* All entries that play reaches, by name and in order; there are no others. *)
let reached case =
  let rows = entries (field case.fields "states") and numbers = Hashtbl.create 1000 and found = ref [] in
  let l = natural case.l and n = natural case.n and k = natural case.k in
  let first = levels_list k (natural (case.l * case.n)) (warm l n k) in
  let waiting = Queue.create () in
  let reach levels =
    let key = name case levels in
    if not (Hashtbl.mem numbers key) then (Hashtbl.add numbers key (Hashtbl.length numbers); Queue.add levels waiting) in
  reach (Array.of_list (List.map integer first));
  while not (Queue.is_empty waiting) do
    let levels = Queue.pop waiting in
    found := entry_of case levels (field rows (name case levels)) :: !found;
    for i = 0 to case.n - 1 do reach (fst (after case levels i)) done
  done;
  List.iter (fun (key, _) -> if not (Hashtbl.mem numbers key) then reject "states: nothing speaks of %S [F7]" key) rows;
  numbers, List.rev !found

let check case =
  only case [ "states" ];
  let ratio = ratio_of case and n = case.n in
  let numbers, found = reached case in
  let shares e = List.map snd e.caches @ List.concat_map (fun a -> List.map (fun (_, _, share) -> share) a.triples) e.asked in
  let all = List.concat_map (fun e -> e.value :: shares e) found in
  ignore (common (ratio :: all));
  let sizes e = List.map (fun (tokens, _) -> counts n e.levels tokens (groups n e.levels (-1))) e.caches in
  let pairs e i (before, now, _) =
    let groups = groups n e.levels i in
    List.map2 (fun (a, positions) (b, _) -> a, b, positions) (counts n e.levels before groups) (counts n e.levels now groups) in
  let number_of_pairs = List.fold_left (fun m (a, b, positions) ->
    m *. ways (List.length positions) (max a b) *. ways (max a b) (min a b)) 1. in
  let number_of_caches = List.fold_left (fun m (a, positions) -> m *. ways (List.length positions) a) 1. in
  let plan e i = List.find (fun a -> a.level = e.levels.(i)) e.asked in
  let add = List.fold_left (+.) 0. in
  let in_all = add (List.concat_map (fun e -> List.concat_map (fun i ->
    List.map (fun triple -> number_of_pairs (pairs e i triple)) (plan e i).triples) (List.init n Fun.id)) found) in
  if in_all > float most_pairs || List.exists (fun e -> add (List.map number_of_caches (sizes e)) > float most_caches) found then
    reject "too many caches to be written out";
  let whole m = binary (int_of_float (m +. 0.5)) in
  let copies = List.fold_left (fun m size -> lcm m (whole size)) one (List.concat_map (fun e ->
    List.map number_of_caches (sizes e) @ List.concat_map (fun i ->
      List.map (fun triple -> number_of_pairs (pairs e i triple)) (plan e i).triples) (List.init n Fun.id)) found) in
  let scale = N.mul (common all) copies in
  let part share size = N.div (N.mul share.above (N.div scale share.below)) (whole size) in
  let cache positions = List.sort compare (List.concat positions) in
  let blend e = List.concat (List.map2 (fun size (_, share) ->
    let part = part share (number_of_caches size) in
    List.map (fun c -> cache c, part) (product (List.map (fun (a, positions) -> chosen a positions) size))) (sizes e) e.caches) in
  let blends = Array.of_list (List.map blend found) in
  let index = Array.map (fun blend ->
    let table = Hashtbl.create 1000 in
    List.iteri (fun j (c, _) -> Hashtbl.add table c j) blend;
    table) blends in
  let look table c check = match Hashtbl.find_opt table c with
    | Some j -> j
    | None -> reject "a plan has a cache that is not held [%s]" check in
  let transport number e i =
    let levels, came = after case e.levels i in
    let leads = Hashtbl.find numbers (name case levels) in
    let forward = Array.make (Array.length levels) 0 in
    List.iteri (fun p old -> forward.(old) <- p) came;
    let parts = Hashtbl.create 1000 in
    List.iter (fun ((before, now, share) as triple) ->
      if not (Array.exists (fun token -> token = 3) now) then reject "expected the requested page in the cache [D5]";
      let asked = if Array.exists (fun token -> token = 3) before then [ i ] else [] in
      let groups = pairs e i triple in
      let part = part share (number_of_pairs groups) in
      let nested (a, b, positions) =
        if a <= b then List.concat_map (fun now -> List.map (fun before -> before, now) (chosen a now)) (chosen b positions)
        else List.concat_map (fun before -> List.map (fun now -> before, now) (chosen b before)) (chosen a positions) in
      List.iter (fun pair ->
        let j = look index.(number) (cache (asked :: List.map fst pair)) "D4" in
        let j' = look index.(leads) (List.sort compare (List.map (fun p -> forward.(p)) (cache ([ i ] :: List.map snd pair)))) "D6" in
        let before = Option.value (Hashtbl.find_opt parts (j, j')) ~default:N0 in
        Hashtbl.replace parts (j, j') (N.add before part)) (product (List.map nested groups))) (plan e i).triples;
    let rows = Array.make (List.length blends.(number)) [] in
    Hashtbl.iter (fun (j, j') part -> rows.(j) <- (natural j', part) :: rows.(j)) parts;
    { leads = natural leads; came = List.map natural came; parts = Array.to_list rows } in
  let reserves = shifted (N.mul scale ratio.below) (List.map (fun e -> e.value) found) in
  let entries = List.mapi (fun number (e, reserve) -> {
    heights = List.map natural (Array.to_list e.levels);
    blend = List.map (fun (c, part) -> List.map natural c, part) blends.(number);
    reserve;
    transports = List.init n (transport number e) }) (List.combine found reserves) in
  if not (check_randomized_upper (natural case.l) (natural n) (natural case.k) ratio.above ratio.below scale entries) then
    reject "a potential is too small, or a plan does not lead to the next shares [D3, D4, D6, U1]";
  claim case "<=" "some policy"
