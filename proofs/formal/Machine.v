(** * Machine: a policy that answers by labels

    proofs/soundness.md, Lemma 2: sort the pages of a layer by label; if the requested page is not the first
    of its label, exchange the two; then do what is said of labels. [answer] says, for a state and a position,
    the tokens of all pages after the request; odd tokens are the cache. Main theorems: [real_step], real
    pages and labels play the same game; [follows_cost]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Labels Table.
Import ListNotations.

(** ** Tokens by position, and by page *)

Definition token_in (pages : list page) (tokens : list nat) (p : page) : nat :=
  match find (fun e => fst e =? p) (combine pages tokens) with
  | Some e => snd e
  | None => 0
  end.

Lemma map_token_in pages tokens : NoDup pages -> length pages = length tokens ->
  map (token_in pages tokens) pages = tokens.
Proof.
  intros HN. revert tokens. induction HN as [|p r Hp HN IH]; intros [|a ts] HL; try discriminate; [reflexivity|].
  simpl. unfold token_in at 1. simpl. rewrite Nat.eqb_refl. simpl. f_equal.
  rewrite <- (IH ts) at 2 by (simpl in HL; lia). apply map_ext_in. intros q Hq. unfold token_in. simpl.
  destruct (Nat.eqb_spec p q) as [->|]; [contradiction | reflexivity].
Qed.

Lemma each_token_in (P : list (list page)) (ts : list (list nat)) : NoDup (concat P) ->
  map (@length nat) ts = map (@length page) P -> each (token_in (concat P) (concat ts)) P = ts.
Proof.
  intros HN HS.
  assert (HL : length (concat P) = length (concat ts)).
  { clear HN. revert ts HS. induction P as [|r P IH]; intros [|t ts] HS; try discriminate; [reflexivity|].
    simpl in *. injection HS as H1 H2. rewrite !app_length, (IH ts H2). lia. }
  pose proof (map_token_in _ _ HN HL) as H. revert H. generalize (token_in (concat P) (concat ts)).
  clear HN HL. intros f. revert ts HS.
  induction P as [|r P IH]; intros [|t ts] HS H; try discriminate; [reflexivity|].
  simpl in *. injection HS as H1 H2. rewrite map_app in H.
  assert (E : map f r = t /\ map f (concat P) = concat ts).
  { clear IH H2. revert t H1 H. induction r as [|p r IHr]; intros [|a t] H1 H; try discriminate; [easy|].
    simpl in *. injection H as <- H. destruct (IHr t ltac:(lia) H) as [-> H']. auto. }
  destruct E as [-> E]. f_equal. now apply IH.
Qed.

Lemma filter_map_length {A B} (f : B -> bool) (g : A -> B) b :
  length (filter f (map g b)) = length (filter (fun a => f (g a)) b).
Proof. induction b as [|a b IH]; [reflexivity|]. simpl. destruct (f (g a)); simpl; now rewrite IH. Qed.

(** ** Labels *)

Definition same_label (a b : label) : bool := (fst a =? fst b) && (snd a =? snd b).

Lemma same_label_spec a b : same_label a b = true <-> a = b.
Proof.
  destruct a as [a1 a2], b as [b1 b2]. unfold same_label. simpl. rewrite andb_true_iff, !Nat.eqb_eq.
  split; [intros [-> ->] | intros E; injection E]; auto.
Qed.

(** The first position of a label. *)
Fixpoint index (b : label) (row : list label) : nat :=
  match row with
  | [] => 0
  | c :: r => if same_label c b then 0 else S (index b r)
  end.

Lemma index_In b row : In b row -> nth_error row (index b row) = Some b.
Proof.
  induction row as [|c r IH]; [easy|]. intros H. simpl. destruct (same_label c b) eqn:E.
  - apply same_label_spec in E. now subst.
  - simpl. apply IH. destruct H as [->|H]; [|exact H].
    assert (E' : same_label b b = true) by now apply same_label_spec. congruence.
Qed.

Section Machine.

Variables l n k : nat.
Hypothesis layers : 1 <= l.

Variable answer : state -> nat -> option (list (list nat)).

(** Rows of the same lengths, at most k pages cached, the requested one among them. *)
Definition good_tokens (s : list (list label)) (j : nat) (ts : list (list nat)) : bool :=
  (if list_eq_dec Nat.eq_dec (map (@length nat) ts) (map (@length label) s) then true else false) &&
  (length (filter Nat.odd (concat ts)) <=? k) &&
  match ts with
  | row :: _ => match nth_error row j with Some t => Nat.odd t | None => false end
  | [] => false
  end.

Definition enters (before_after : nat * nat) : bool := negb (Nat.odd (fst before_after)) && Nat.odd (snd before_after).

Definition loads_of (s : list (list label)) (ts : list (list nat)) : nat :=
  length (filter enters (combine (concat (each snd s)) (concat ts))).

(** Levels of slots that OPT never used, which a policy may remember. *)
Definition still_unused (level : nat) (unused : list nat) : list nat :=
  match map (risen k level) unused with
  | a :: r => if a <=? k then a :: r else []
  | [] => []
  end.

(** A request of position [j], the first of its label: the state after it, the loads, the growth of OPT. *)
Definition step (s : state) (j : nat) : option (state * (nat * nat)) :=
  match label_at (fst s) j, answer s j with
  | Some b, Some ts =>
      if (index b (hd [] (fst s)) =? j) && good_tokens (fst s) j ts
      then Some ((serve k j (fst b) ts (fst s), still_unused (fst b) (snd s)),
                 (loads_of (fst s) ts, if k <? fst b then 1 else 0))
      else None
  | _, _ => None
  end.

(** ** Real pages *)

Record machine := Machine { rows : list (list page); lab : page -> label; unused : list nat }.

Definition view (m : machine) : state := (each (lab m) (rows m), unused m).

Definition cached (m : machine) : cache := filter (fun p => Nat.odd (snd (lab m p))) (seq 0 (l * n)).

(** A request of page [x]. *)
Definition real (m : machine) (x : page) : option machine :=
  let j := index (lab m x) (hd [] (fst (view m))) in
  match nth_error (hd [] (rows m)) j, answer (view m) j, step (view m) j with
  | Some y, Some ts, Some (s, _) =>
      let P := each (swap x y) (rows m) in
      let L := fun p => fst (lab m p) in
      let lab' := fun p => (request k L x p, token_in (concat P) (concat ts) p) in
      Some (Machine (settle lab' P) lab' (snd s))
  | _, _, _ => None
  end.

Definition bind {A B} (f : A -> option B) (a : option A) : option B :=
  match a with Some a => f a | None => None end.

(** The game begins after the requests [w], with the tokens [first]. *)
Variable w : list page.
Variable first : list nat.
Variable first_unused : list nat.

Definition first_lab (p : page) : label := (levels_of k w p, nth p first 0).

Definition begin : machine := Machine (map (sort first_lab) (in_order l n)) first_lab first_unused.

Definition run (σ : list page) : option machine := fold_left (fun m x => bind (fun m => real m x) m) σ (Some begin).

Lemma run_snoc σ x : run (σ ++ [x]) = bind (fun m => real m x) (run σ).
Proof. unfold run. now rewrite fold_left_app. Qed.

(** [A] keeps the caches of the machine as long as this has an answer. *)
Definition follows (A : policy) : Prop :=
  A [] = [] /\ forall σ m, σ <> [] -> layered l n σ -> run σ = Some m -> NoDup (A σ) /\ same (A σ) (cached m).

(** The machine itself, as a policy. *)
Definition policy_of : policy := fun σ =>
  match σ, run σ with
  | _ :: _, Some m => cached m
  | _, _ => []
  end.

(** What is true of the machine after the requests [σ]. *)
Definition after (σ : list page) (m : machine) : Prop :=
  layered l n σ /\ run σ = Some m /\ arranged l n (length σ) (rows m) /\
  forall p, fst (lab m p) = levels_of k (w ++ σ) p.

Lemma cached_set m : NoDup (cached m).
Proof. apply NoDup_filter, seq_NoDup. Qed.

Lemma cached_In m p : In p (cached m) <-> p < l * n /\ Nat.odd (snd (lab m p)) = true.
Proof. unfold cached. rewrite filter_In, in_seq. intuition lia. Qed.

(** To count pages in rows is to count pages. *)
Lemma count_rows t P f : arranged l n t P -> count f (concat P) = count f (seq 0 (l * n)).
Proof.
  intros HA. apply Nat.le_antisymm; apply count_le; try apply seq_NoDup; try apply HA; intros q Hq Hf;
    (split; [|exact Hf]).
  - apply in_seq. apply (arranged_In l n layers t P q HA) in Hq. lia.
  - apply (arranged_In l n layers t P q HA). apply in_seq in Hq. lia.
Qed.

(** The page [x] has the turn: it plays at the first position of its label. *)
Lemma place_of σ m x : after σ m -> layered l n (σ ++ [x]) ->
  exists y row rest, rows m = row :: rest /\
    nth_error row (index (lab m x) (hd [] (fst (view m)))) = Some y /\
    lab m y = lab m x /\ x < l * n /\ y < l * n /\ layer n x = layer n y.
Proof.
  intros (Hσ & _ & HA & _) Hx. apply layered_last in Hx as [Hx Hl].
  destruct (arranged_row l n layers _ _ HA) as (row & rest & E & HR). unfold view. rewrite E. simpl.
  assert (HI : In (lab m x) (map (lab m) row)) by (apply in_map, HR; now split).
  apply index_In in HI. rewrite nth_error_map in HI.
  destruct (nth_error row _) as [y|] eqn:Hy; [|discriminate]. injection HI as HI.
  exists y, row, rest. split; [reflexivity|]. split; [exact Hy|]. split; [exact HI|]. split; [exact Hx|].
  apply nth_error_In, HR in Hy as [Hy Hy']. split; [exact Hy | congruence].
Qed.

Theorem real_step σ m x s a g : after σ m -> layered l n (σ ++ [x]) ->
  step (view m) (index (lab m x) (hd [] (fst (view m)))) = Some (s, (a, g)) ->
  exists m', after (σ ++ [x]) m' /\ view m' = s /\ loads (cached m) (cached m') = a /\
    (if grows k (levels_of k (w ++ σ)) x then 1 else 0) = g /\ fits k (cached m') /\ In x (cached m').
Proof.
  intros Ha Hx HS. destruct (place_of σ m x Ha Hx) as (y & row & rest & E & Hy & Hxy & HX & HY & HL).
  destruct Ha as (Hσ & Hrun & HA & Hlev). set (j := index (lab m x) (hd [] (fst (view m)))) in *.
  assert (Hreal : real m x = match answer (view m) j with
    | Some ts =>
        let P := each (swap x y) (rows m) in
        let lab' := fun p => (request k (fun p => fst (lab m p)) x p, token_in (concat P) (concat ts) p) in
        Some (Machine (settle lab' P) lab' (snd s))
    | None => None
    end).
  { unfold real. fold j. rewrite HS, E. simpl hd. rewrite Hy. reflexivity. }
  unfold step in HS. destruct (label_at (fst (view m)) j) as [b|] eqn:Hb; [|discriminate].
  destruct (answer (view m) j) as [ts|] eqn:Hans; [|discriminate].
  destruct ((index b (hd [] (fst (view m))) =? j) && good_tokens (fst (view m)) j ts) eqn:HG; [|discriminate].
  apply andb_prop in HG as [_ HG]. injection HS as <- <- <-. cbv zeta in Hreal. simpl snd in Hreal.
  set (P := each (swap x y) (rows m)) in *.
  set (tok' := token_in (concat P) (concat ts)) in *.
  set (lab' := fun p => (request k (fun p => fst (lab m p)) x p, tok' p)) in *.
  assert (HP : arranged l n (length σ) P) by now apply arranged_swap.
  (* exchanging the two pages leaves the labels as they are *)
  assert (HV : each (lab m) P = each (lab m) (rows m)).
  { unfold P. rewrite each_each. apply each_ext_in. intros p _. unfold swap.
    destruct (Nat.eqb_spec p x) as [->|]; [exact Hxy|].
    destruct (Nat.eqb_spec p y) as [->|]; [now symmetry | reflexivity]. }
  assert (EP : P = map (swap x y) row :: each (swap x y) rest) by (unfold P; now rewrite E).
  assert (Hj : nth_error (map (swap x y) row) j = Some x).
  { rewrite nth_error_map, Hy. simpl. f_equal. unfold swap. rewrite Nat.eqb_refl.
    destruct (Nat.eqb_spec y x) as [->|]; reflexivity. }
  assert (Hbx : b = lab m x).
  { unfold view in Hb. simpl in Hb. rewrite E in Hb. simpl in Hb. rewrite nth_error_map, Hy in Hb.
    injection Hb as <-. exact Hxy. }
  unfold good_tokens in HG. apply andb_prop in HG as [HG HG3]. apply andb_prop in HG as [HG1 HG2].
  destruct (list_eq_dec _ _ _) as [HG1'|]; [clear HG1|discriminate]. apply Nat.leb_le in HG2.
  assert (Hts : each tok' P = ts).
  { apply each_token_in; [apply HP|]. rewrite HG1'. unfold view. simpl. rewrite <- HV.
    unfold each. rewrite map_map. apply map_ext. intros r. apply map_length. }
  assert (Hcts : concat ts = map tok' (concat P)) by (rewrite <- Hts; unfold each; now rewrite concat_map).
  exists (Machine (settle lab' P) lab' (still_unused (fst b) (snd (view m)))).
  set (m' := Machine _ _ _).
  destruct (served l n k layers (lab m) lab' (levels_of k (w ++ σ)) (length σ)
    (map (swap x y) row) (each (swap x y) rest) j x) as [S1 S2]; [now rewrite <- EP | exact Hj | exact Hlev | |].
  { intros p. unfold lab'. simpl. unfold request. now rewrite !Hlev. }
  rewrite <- EP in S1, S2.
  split; [|split; [|split; [|split; [|split]]]].
  - split; [exact Hx|]. split; [now rewrite run_snoc, Hrun|]. split.
    + rewrite app_length, Nat.add_1_r. exact S1.
    + intros p. simpl. rewrite app_assoc, levels_snoc. unfold request. now rewrite !Hlev.
  - unfold view at 1. simpl. f_equal. rewrite S2, HV. unfold view. simpl. f_equal.
    + now rewrite Hbx, Hlev.
    + exact Hts.
  - unfold loads_of. unfold view. simpl fst. rewrite <- HV, each_each. unfold each. rewrite <- concat_map, Hcts.
    rewrite combine_map, filter_map_length.
    change (loads (cached m) (cached m') = count (fun p => enters (snd (lab m p), tok' p)) (concat P)).
    rewrite (count_rows _ _ _ HP). unfold loads.
    assert (HC : forall f b, length (filter f b) = count f b) by reflexivity. rewrite HC.
    apply Nat.le_antisymm; apply count_le.
    + apply cached_set.
    + intros q Hq Hm. apply cached_In in Hq as [Hq Ho]. split; [apply in_seq; lia|]. unfold enters. simpl.
      apply andb_true_intro. split; [|exact Ho]. destruct (Nat.odd (snd (lab m q))) eqn:O; [|reflexivity].
      assert (HI : In q (cached m)) by now apply cached_In. apply mem_In in HI. now rewrite HI in Hm.
    + apply seq_NoDup.
    + intros q Hq Hm. apply in_seq in Hq. unfold enters in Hm. simpl in Hm. apply andb_prop in Hm as [Hm Ho].
      split; [apply cached_In; simpl; split; [lia | exact Ho]|].
      destruct (mem q (cached m)) eqn:M; [|reflexivity]. apply mem_In, cached_In in M as [_ M].
      now rewrite M in Hm.
  - unfold grows. now rewrite Hbx, Hlev.
  - split; [apply cached_set|]. unfold cached. change (count (fun p => Nat.odd (snd (lab m' p))) (seq 0 (l * n)) <= k).
    rewrite <- (count_rows _ _ _ HP). unfold count. simpl.
    rewrite Hcts, filter_map_length in HG2. exact HG2.
  - apply cached_In. split; [exact HX|]. simpl. destruct ts as [|trow ts']; [discriminate|].
    assert (Hrow : trow = map tok' (map (swap x y) row)).
    { pose proof (f_equal (hd []) Hts) as H. rewrite EP in H. now symmetry. }
    rewrite Hrow in HG3. rewrite nth_error_map, Hj in HG3. exact HG3.
Qed.

(** The tokens after a step of the machine, page by page. *)
Lemma real_tokens σ m x m' : after σ m -> layered l n (σ ++ [x]) -> real m x = Some m' ->
  exists row rest j ts, arranged l n (length σ) (row :: rest) /\ nth_error row j = Some x /\
    each (lab m) (row :: rest) = fst (view m) /\ answer (view m) j = Some ts /\
    (forall p, snd (lab m' p) = token_in (concat (row :: rest)) (concat ts) p) /\
    exists s a g, step (view m) (index (lab m x) (hd [] (fst (view m)))) = Some (s, (a, g)).
Proof.
  intros Ha Hx HR. destruct (place_of σ m x Ha Hx) as (y & row & rest & E & Hy & Hxy & HX & HY & HL).
  destruct Ha as (Hσ & Hrun & HA & Hlev). unfold real in HR. rewrite E in HR. simpl hd in HR at 1.
  set (j := index (lab m x) (hd [] (fst (view m)))) in *. simpl in HR. rewrite Hy in HR.
  destruct (answer (view m) j) as [ts|] eqn:Hans; [|discriminate].
  destruct (step (view m) j) as [[s [a g]]|] eqn:S; [|discriminate]. injection HR as <-.
  exists (map (swap x y) row), (each (swap x y) rest), j, ts. split; [|split; [|split; [|split; [|split]]]].
  - change (arranged l n (length σ) (each (swap x y) (row :: rest))). rewrite <- E. now apply arranged_swap.
  - rewrite nth_error_map, Hy. simpl. f_equal. unfold swap. rewrite Nat.eqb_refl.
    destruct (Nat.eqb_spec y x) as [->|]; reflexivity.
  - change (each (lab m) (each (swap x y) (row :: rest)) = fst (view m)). unfold view. simpl fst.
    rewrite E, each_each. apply each_ext_in. intros p _. unfold swap.
    destruct (Nat.eqb_spec p x) as [->|]; [exact Hxy|].
    destruct (Nat.eqb_spec p y) as [->|]; [now symmetry | reflexivity].
  - exact Hans.
  - reflexivity.
  - now exists s, a, g.
Qed.

Lemma run_after σ m : 1 <= n -> length w mod l = 0 -> layered l n σ -> run σ = Some m -> after σ m.
Proof.
  intros Hn Hw. revert m. induction σ as [|σ x IH] using snoc_ind; intros m Hσ Hm.
  - injection Hm as <-. split; [apply layered_nil|]. split; [reflexivity|]. split.
    + simpl. apply arranged_sort; auto. now apply arranged_in_order.
    + intros p. simpl. now rewrite app_nil_r.
  - pose proof Hm as Hm'. rewrite run_snoc in Hm'. destruct (run σ) as [m0|] eqn:H0; [|discriminate]. simpl in Hm'.
    specialize (IH m0 (layered_prefix _ _ _ _ Hσ) eq_refl).
    destruct (real_tokens σ m0 x m IH Hσ Hm') as (_ & _ & _ & _ & _ & _ & _ & _ & _ & s & a & g & S).
    destruct (real_step σ m0 x s a g IH Hσ S) as (m1 & Ha & _). assert (m1 = m) by (destruct Ha as (_ & E & _); congruence).
    now subst.
Qed.

(** Whatever position the labels allow, some page has it. *)
Lemma page_at σ m j s : after σ m -> step (view m) j = Some s ->
  exists x, layered l n (σ ++ [x]) /\ index (lab m x) (hd [] (fst (view m))) = j.
Proof.
  intros (Hσ & _ & HA & _) HS. unfold step in HS.
  destruct (label_at (fst (view m)) j) as [b|] eqn:Hb; [|discriminate].
  destruct (answer _ _); [|discriminate].
  destruct (_ && _) eqn:HG; [|discriminate]. apply andb_prop in HG as [HG _]. apply Nat.eqb_eq in HG.
  apply label_at_page in Hb as (x & row & rest & E & Hi & <-). exists x. split; [|exact HG].
  destruct (arranged_row l n layers _ _ HA) as (row' & rest' & E' & HR). rewrite E in E'. injection E' as <- <-.
  apply nth_error_In, HR in Hi as [H1 H2]. now apply layered_snoc.
Qed.

Lemma after_begin : 1 <= n -> length w mod l = 0 -> after [] begin.
Proof. intros Hn Hw. apply run_after; auto. apply layered_nil. Qed.

Lemma after_prefix σ x m' : run (σ ++ [x]) = Some m' -> exists m, run σ = Some m.
Proof. rewrite run_snoc. destruct (run σ) as [m|]; [now exists m | discriminate]. Qed.

(** ** Costs *)

Definition played (σ : list page) : cache := match run σ with Some m => cached m | None => [] end.

Lemma loads_same C C' D D' : NoDup C' -> NoDup D' -> same C D -> same C' D' -> loads C C' = loads D D'.
Proof.
  intros H1 H2 HC HD. rewrite !loads_count.
  assert (G : forall X X' Y Y', NoDup X' -> same X Y -> same X' Y' ->
    count (fun p => negb (mem p X)) X' <= count (fun p => negb (mem p Y)) Y').
  { intros X X' Y Y' HN HX HX'. apply count_le; [exact HN|]. intros q Hq Hm. split; [now apply HX'|].
    destruct (mem q Y) eqn:M; [|reflexivity]. apply mem_In, HX, mem_In in M. now rewrite M in Hm. }
  apply Nat.le_antisymm; apply G; auto; intros q; symmetry; [apply HC | apply HD].
Qed.

(** A policy that follows the machine pays what the machine does, but for the first cache. *)
Theorem follows_cost A σ m : follows A -> layered l n σ -> run σ = Some m ->
  cost played σ <= cost A σ /\ (length (A (firstn 1 σ)) <= k -> cost A σ <= cost played σ + k).
Proof.
  intros [H0 HF]. revert m. induction σ as [|σ x IH] using snoc_ind; intros m Hσ Hm; [unfold cost; simpl; lia|].
  destruct (after_prefix σ x m Hm) as [m0 Hm0]. pose proof (layered_prefix _ _ _ _ Hσ) as Hσ'.
  destruct (HF (σ ++ [x]) m ltac:(now destruct σ) Hσ Hm) as [HN HC].
  destruct (IH m0 Hσ' Hm0) as [I1 I2]. rewrite !cost_snoc.
  assert (Ep : played (σ ++ [x]) = cached m) by (unfold played; now rewrite Hm).
  assert (Ep0 : played σ = cached m0) by (unfold played; now rewrite Hm0). rewrite Ep, Ep0.
  destruct σ as [|z σ].
  - simpl app in *. simpl firstn. rewrite H0. change (cost played []) with 0. change (cost A []) with 0.
    rewrite (loads_same [] (A [x]) [] (cached m)); [|exact HN | apply cached_set | red; tauto | exact HC].
    assert (HE : forall C, loads [] C = length C).
    { intros C. rewrite loads_count. now apply count_true. }
    assert (loads (cached m0) (cached m) <= loads [] (cached m)).
    { rewrite HE, loads_count. apply count_le_length. }
    split; [lia|]. intros Hk. rewrite HE, <- (same_length _ _ HN (cached_set m) HC). lia.
  - destruct (HF (z :: σ) m0 ltac:(discriminate) Hσ' Hm0) as [HN0 HC0].
    rewrite (loads_same _ (A ((z :: σ) ++ [x])) (cached m0) (cached m) HN (cached_set m) HC0 HC).
    split; [lia|]. simpl firstn in *. intros Hk. specialize (I2 Hk). lia.
Qed.

End Machine.
