(** * Labels: what a certificate sees of a play

    proofs/soundness.md, Lemma 2. A certificate does not know the pages, it knows their labels: a level of
    the offset function and a token, odd if the page is cached. Its states are rows of labels, a row for
    each layer, from the layer whose turn it is, and each row is sorted. Here: when rows of labels are
    a view of a play, and what a request does to the view. Main theorem: [served]. *)

From Coq Require Import List Arith Lia Bool Permutation FinFun.
From LayeredPaging Require Import Model Sets Offset.
Import ListNotations.

Definition label := (nat * nat)%type.

(** Rows: a list for each layer. *)
Definition each {A B} (f : A -> B) : list (list A) -> list (list B) := map (map f).

(** ** Lists *)

Fixpoint set_nth {A} (i : nat) (c : A) (b : list A) : list A :=
  match b, i with
  | [], _ => []
  | _ :: r, 0 => c :: r
  | a :: r, S i => a :: set_nth i c r
  end.

Definition set_first {A} (i : nat) (c : A) (R : list (list A)) : list (list A) :=
  match R with
  | [] => []
  | r :: rest => set_nth i c r :: rest
  end.

Definition pair_up {A B} (R : list (list A)) (R' : list (list B)) : list (list (A * B)) :=
  map (fun ab => combine (fst ab) (snd ab)) (combine R R').

Lemma combine_map {A B C} (f : A -> B) (g : A -> C) b :
  combine (map f b) (map g b) = map (fun a => (f a, g a)) b.
Proof. induction b as [|a b IH]; [reflexivity|]. simpl. now rewrite IH. Qed.

Lemma pair_up_each {A B C} (f : A -> B) (g : A -> C) R :
  pair_up (each f R) (each g R) = each (fun a => (f a, g a)) R.
Proof.
  unfold pair_up, each. rewrite combine_map, map_map. apply map_ext. intros b. simpl. apply combine_map.
Qed.

Lemma each_each {A B C} (f : A -> B) (g : B -> C) R : each g (each f R) = each (fun a => g (f a)) R.
Proof. unfold each. rewrite map_map. apply map_ext. intros b. apply map_map. Qed.

Lemma each_ext_in {A B} (f g : A -> B) R :
  (forall a, In a (concat R) -> f a = g a) -> each f R = each g R.
Proof.
  intros H. apply map_ext_in. intros b Hb. apply map_ext_in. intros a Ha. apply H.
  apply in_concat. now exists b.
Qed.

Lemma NoDup_app_parts {A} (a b : list A) :
  NoDup (a ++ b) -> NoDup a /\ NoDup b /\ forall x, In x a -> ~ In x b.
Proof.
  induction a as [|y a IH]; simpl; intros H; [repeat split; [constructor | exact H | easy]|].
  inversion_clear H as [|? ? Hy HN]. destruct (IH HN) as (Ha & Hb & Hab). rewrite in_app_iff in Hy.
  split; [constructor; tauto|]. split; [exact Hb|]. intros x [<-|Hx]; [tauto | auto].
Qed.

Lemma set_nth_map {A} (f g : page -> A) row i x : NoDup row -> nth_error row i = Some x ->
  (forall p, p <> x -> f p = g p) -> map f row = set_nth i (f x) (map g row).
Proof.
  intros HN. revert i. induction HN as [|a r Ha HN IH]; intros i Hi H; [destruct i; discriminate|].
  destruct i as [|i]; simpl in *.
  - injection Hi as ->. f_equal. apply map_ext_in. intros p Hp. apply H. intros ->. contradiction.
  - rewrite (IH i Hi H), (H a); [reflexivity|]. intros ->. apply Ha. now apply nth_error_In in Hi.
Qed.

Lemma set_first_each {A} (f g : page -> A) row rest i x :
  NoDup (concat (row :: rest)) -> nth_error row i = Some x ->
  (forall p, p <> x -> f p = g p) -> each f (row :: rest) = set_first i (f x) (each g (row :: rest)).
Proof.
  intros HN Hi H. simpl in HN. apply NoDup_app_parts in HN as (HN & _ & HD). simpl. f_equal.
  - now apply set_nth_map.
  - apply each_ext_in. intros p Hp. apply H. intros ->. apply nth_error_In in Hi. now apply (HD x).
Qed.

(** ** Sorting: all that is used is that it takes a row to a rearrangement of it *)

Definition before (a b : label) : bool :=
  (fst a <? fst b) || ((fst a =? fst b) && (snd a <=? snd b)).

Fixpoint insert {A} (f : A -> label) (a : A) (b : list A) : list A :=
  match b with
  | [] => [a]
  | c :: r => if before (f a) (f c) then a :: c :: r else c :: insert f a r
  end.

Fixpoint sort {A} (f : A -> label) (b : list A) : list A :=
  match b with
  | [] => []
  | a :: r => insert f a (sort f r)
  end.

Lemma insert_Permutation {A} (f : A -> label) a b : Permutation (insert f a b) (a :: b).
Proof.
  induction b as [|c r IH]; simpl; [reflexivity|]. destruct (before _ _); [reflexivity|].
  rewrite IH. apply perm_swap.
Qed.

Lemma sort_Permutation {A} (f : A -> label) b : Permutation (sort f b) b.
Proof. induction b as [|a r IH]; simpl; [reflexivity|]. now rewrite insert_Permutation, IH. Qed.

Lemma sort_map {A} (f : A -> label) b : map f (sort f b) = sort (fun a => a) (map f b).
Proof.
  induction b as [|a r IH]; [reflexivity|]. simpl. rewrite <- IH. generalize (sort f r). clear.
  induction l as [|c r IH]; simpl; [reflexivity|]. destruct (before _ _); simpl; [|rewrite IH]; reflexivity.
Qed.

(** The next layer has its turn, and rows are sorted again. *)
Definition turn {A} (R : list A) : list A :=
  match R with
  | [] => []
  | r :: rest => rest ++ [r]
  end.

Definition settle {A} (f : A -> label) (R : list (list A)) : list (list A) := map (sort f) (turn R).

Lemma each_sort {A} (f : A -> label) R : each f (map (sort f) R) = map (sort (fun a => a)) (each f R).
Proof. unfold each. rewrite !map_map. apply map_ext. intros b. apply sort_map. Qed.

Lemma each_settle {A} (f : A -> label) R : each f (settle f R) = settle (fun a => a) (each f R).
Proof.
  unfold settle. rewrite each_sort. f_equal. destruct R as [|r rest]; [reflexivity|].
  unfold each. simpl. now rewrite map_app.
Qed.

(** Two pages exchange their places. *)
Definition swap (x y p : page) : page := if p =? x then y else if p =? y then x else p.

Lemma swap_swap x y p : swap x y (swap x y p) = p.
Proof.
  unfold swap. destruct (Nat.eqb_spec p x) as [->|Hx]; [|destruct (Nat.eqb_spec p y) as [->|Hy]].
  - rewrite Nat.eqb_refl. now destruct (Nat.eqb_spec y x).
  - now rewrite Nat.eqb_refl.
  - apply Nat.eqb_neq in Hx, Hy. now rewrite Hx, Hy.
Qed.

(** ** Real pages in rows *)

Section Labels.

Variables l n k : nat.
Hypothesis layers : 1 <= l.

(** At time [t] the rows [P] hold all pages, each once, row [j] those of layer [t + j]. *)
Definition arranged (t : nat) (P : list (list page)) : Prop :=
  length P = l /\ NoDup (concat P) /\
  forall j row, nth_error P j = Some row -> forall p, In p row <-> p < l * n /\ layer n p = (t + j) mod l.

Lemma arranged_mod t t' P : t mod l = t' mod l -> arranged t' P -> arranged t P.
Proof.
  intros E (HL & HN & HR). split; [exact HL|]. split; [exact HN|]. intros j row Hj p.
  rewrite (HR j row Hj p), <- (Nat.add_mod_idemp_l t' j l), <- (Nat.add_mod_idemp_l t j l), E by lia. tauto.
Qed.

Lemma arranged_sort f t P : arranged t P -> arranged t (map (sort f) P).
Proof.
  intros (HL & HN & HR). split; [now rewrite map_length|]. split.
  - apply (Permutation_NoDup (l := concat P)); [|exact HN]. clear.
    induction P as [|r P IH]; simpl; [reflexivity|]. apply Permutation_app; [|exact IH].
    symmetry. apply sort_Permutation.
  - intros j row Hj p. rewrite nth_error_map in Hj. destruct (nth_error P j) as [r|] eqn:E; [|discriminate].
    injection Hj as <-. rewrite <- (HR j r E). pose proof (sort_Permutation f r) as HP. split; intros H.
    + apply (Permutation_in _ HP H).
    + apply (Permutation_in _ (Permutation_sym HP) H).
Qed.

Lemma arranged_turn t P : arranged t P -> arranged (S t) (turn P).
Proof.
  intros (HL & HN & HR). destruct P as [|r P]; [simpl in HL; lia|]. simpl in *.
  split; [rewrite app_length; simpl; lia|]. split.
  - rewrite concat_app. simpl. rewrite app_nil_r. apply (Permutation_NoDup (l := r ++ concat P)); [|exact HN].
    apply Permutation_app_comm.
  - intros j row Hj p. destruct (Nat.lt_ge_cases j (length P)) as [Hlt|Hge].
    + rewrite nth_error_app1 in Hj by assumption. rewrite (HR (S j) row Hj).
      now replace (S t + j) with (t + S j) by lia.
    + rewrite nth_error_app2 in Hj by assumption.
      destruct (j - length P) as [|d] eqn:D; simpl in Hj; [|destruct d; discriminate].
      injection Hj as <-. rewrite (HR 0 r eq_refl). replace (S t + j) with (t + 0 + 1 * l) by lia.
      now rewrite Nat.mod_add by lia.
Qed.

Lemma arranged_settle f t P : arranged t P -> arranged (S t) (settle f P).
Proof. intros H. now apply arranged_sort, arranged_turn. Qed.

Lemma arranged_swap t P x y : x < l * n -> y < l * n -> layer n x = layer n y ->
  arranged t P -> arranged t (each (swap x y) P).
Proof.
  intros Hx Hy Hxy (HL & HN & HR). split; [unfold each; now rewrite map_length|]. split.
  - unfold each. rewrite <- concat_map. apply Injective_map_NoDup; [|exact HN].
    intros a b E. rewrite <- (swap_swap x y a), E. apply swap_swap.
  - intros j row Hj p. unfold each in Hj. rewrite nth_error_map in Hj.
    destruct (nth_error P j) as [r|] eqn:E; [|discriminate]. injection Hj as <-.
    assert (HS : forall q, (swap x y q < l * n <-> q < l * n) /\ layer n (swap x y q) = layer n q).
    { intros q. unfold swap. destruct (Nat.eqb_spec q x); [subst; split; [tauto | congruence]|].
      destruct (Nat.eqb_spec q y); [subst; split; [tauto | congruence]|]. now split. }
    rewrite in_map_iff. split.
    + intros (q & <- & Hq). apply (HR j r E) in Hq. destruct (HS q) as [H1 H2]. now rewrite H1, H2.
    + intros Hp. exists (swap x y p). split; [apply swap_swap|]. apply (HR j r E).
      destruct (HS p) as [H1 H2]. now rewrite H1, H2.
Qed.

(** The row whose turn it is. *)
Lemma arranged_row t P : arranged t P ->
  exists row rest, P = row :: rest /\ forall p, In p row <-> p < l * n /\ layer n p = t mod l.
Proof.
  intros (HL & _ & HR). destruct P as [|row rest]; [simpl in HL; lia|]. exists row, rest.
  split; [reflexivity|]. intros p. now rewrite (HR 0 row eq_refl p), Nat.add_0_r.
Qed.

Lemma arranged_In t P p : arranged t P -> In p (concat P) <-> p < l * n.
Proof.
  intros (HL & _ & HR). split.
  - intros H. apply in_concat in H as (row & Hrow & Hp). apply In_nth_error in Hrow as [j Hj].
    now apply (HR j row Hj).
  - intros Hp. assert (Hn : 1 <= n) by nia.
    assert (Hd : layer n p < l) by (apply Nat.div_lt_upper_bound; lia).
    set (j := (layer n p + (l - t mod l)) mod l).
    assert (Hj : j < l) by (apply Nat.mod_upper_bound; lia).
    destruct (nth_error P j) as [row|] eqn:E.
    + apply in_concat. exists row. split; [now apply nth_error_In in E|]. apply (HR j row E).
      split; [exact Hp|]. unfold j. rewrite Nat.add_mod_idemp_r by lia.
      pose proof (Nat.div_mod t l ltac:(lia)) as Ht. pose proof (Nat.mod_upper_bound t l ltac:(lia)).
      replace (t + (layer n p + (l - t mod l))) with (layer n p + (1 + t / l) * l) by nia.
      rewrite Nat.mod_add by lia. now rewrite Nat.mod_small.
    + apply nth_error_None in E. lia.
Qed.

(** Time 0, in order. *)
Definition in_order : list (list page) := map (fun j => seq (j * n) n) (seq 0 l).

Lemma arranged_in_order : 1 <= n -> arranged 0 in_order.
Proof.
  intros Hn. unfold in_order. split; [now rewrite map_length, seq_length|]. split.
  - assert (H : forall m a, concat (map (fun j => seq (j * n) n) (seq a m)) = seq (a * n) (m * n)).
    { induction m as [|m IH]; intros a; [reflexivity|]. simpl. rewrite IH.
      rewrite seq_app. f_equal. f_equal. lia. }
    rewrite H. apply seq_NoDup.
  - intros j row Hj p. rewrite nth_error_map in Hj.
    assert (Hl : j < l).
    { destruct (nth_error (seq 0 l) j) as [i|] eqn:E; [|discriminate].
      rewrite <- (seq_length l 0). apply nth_error_Some. congruence. }
    rewrite (nth_error_nth' _ 0) in Hj by now rewrite seq_length.
    rewrite seq_nth in Hj by assumption. injection Hj as <-. simpl. rewrite in_seq.
    rewrite (Nat.mod_small j l Hl). unfold layer. split.
    + intros Hp. split; [nia|]. symmetry. apply (Nat.div_unique p n j (p - j * n)); lia.
    + intros [_ <-]. pose proof (Nat.div_mod p n ltac:(lia)). pose proof (Nat.mod_upper_bound p n ltac:(lia)).
      lia.
Qed.

(** ** A request, on labels *)

(** The level [b] of another page after a request of a page of level [a]. *)
Definition risen (a b : nat) : nat :=
  if a <=? k then (if b <=? a then S b else b) else (if b =? 1 then 2 else b).

(** The label at position [i] of the layer whose turn it is. *)
Definition label_at (s : list (list label)) (i : nat) : option label :=
  match s with
  | [] => None
  | row :: _ => nth_error row i
  end.

Definition levels_after (i a : nat) (s : list (list label)) : list (list nat) :=
  set_first i 1 (each (fun b => risen a (fst b)) s).

(** A request of position [i], a page of level [a], after which the tokens are [ts]. *)
Definition serve (i a : nat) (ts : list (list nat)) (s : list (list label)) : list (list label) :=
  settle (fun b => b) (pair_up (levels_after i a s) ts).

(** ** The view of a play: labels of real pages *)

Lemma label_at_page (lab : page -> label) P i b : label_at (each lab P) i = Some b ->
  exists x row rest, P = row :: rest /\ nth_error row i = Some x /\ lab x = b.
Proof.
  destruct P as [|row rest]; [discriminate|]. simpl. rewrite nth_error_map.
  destruct (nth_error row i) as [x|] eqn:E; [|discriminate]. intros H. injection H as H.
  now exists x, row, rest.
Qed.

(** Labels after the request are the view of new labels of the same pages. *)
Theorem served (lab lab' : page -> label) (L : levels) t row rest i x :
  arranged t (row :: rest) -> nth_error row i = Some x ->
  (forall p, fst (lab p) = L p) -> (forall p, fst (lab' p) = request k L x p) ->
  let P' := settle lab' (row :: rest) in
  arranged (S t) P' /\
  each lab' P' = serve i (L x) (each (fun p => snd (lab' p)) (row :: rest)) (each lab (row :: rest)).
Proof.
  intros HA Hi HL HL'. cbv zeta. split; [now apply arranged_settle|].
  rewrite each_settle. unfold serve. f_equal.
  assert (E : each (fun p => fst (lab' p)) (row :: rest) = levels_after i (L x) (each lab (row :: rest))).
  { unfold levels_after. rewrite each_each.
    rewrite (set_first_each _ (fun p => risen (L x) (fst (lab p))) row rest i x); [|apply HA|exact Hi|].
    - now rewrite HL', request_same.
    - intros p Hp. rewrite HL', HL. unfold request, risen. apply Nat.eqb_neq in Hp. now rewrite Hp. }
  rewrite <- E, pair_up_each. apply each_ext_in. intros p _. now destruct (lab' p).
Qed.

End Labels.
