(** * Turns: whose turn it is, and pages enough in every layer *)

From Coq Require Import List Arith Lia.
From LayeredPaging Require Import Model Sets.
Import ListNotations.

(** Within l requests every layer has its turn. *)
Lemma turn l t j : j < l -> exists d, d < l /\ (t + d) mod l = j.
Proof.
  intros Hj. exists ((j + l - t mod l) mod l). split; [apply Nat.mod_upper_bound; lia|].
  rewrite Nat.add_mod_idemp_r by lia. pose proof (Nat.div_mod t l ltac:(lia)) as E.
  pose proof (Nat.mod_upper_bound t l ltac:(lia)).
  replace (t + (j + l - t mod l)) with (j + (t / l + 1) * l) by lia.
  rewrite Nat.mod_add by lia. now apply Nat.mod_small.
Qed.

(** Two times less than l apart have different turns. *)
Lemma mod_unique l c x y : x < l -> y < l -> (c + x) mod l = (c + y) mod l -> x = y.
Proof.
  intros Hx Hy E. pose proof (Nat.div_mod (c + x) l ltac:(lia)) as E1.
  pose proof (Nat.div_mod (c + y) l ltac:(lia)) as E2. rewrite E in E1.
  destruct (Nat.lt_trichotomy ((c + x) / l) ((c + y) / l)) as [H|[H|H]]; [|rewrite H in E1; lia|].
  - assert (l * ((c + x) / l + 1) <= l * ((c + y) / l)) by (apply Nat.mul_le_mono_l; lia). lia.
  - assert (l * ((c + y) / l + 1) <= l * ((c + x) / l)) by (apply Nat.mul_le_mono_l; lia). lia.
Qed.

(** The next turn of a layer. *)
Lemma next_turn l t j : j < l ->
  exists d, d < l /\ (t + d) mod l = j /\ forall i, i < d -> (t + i) mod l <> j.
Proof.
  intros Hj. destruct (turn l t j Hj) as (d & Hd & E). revert Hd E.
  induction d as [d IH] using lt_wf_ind. intros Hd E.
  destruct (in_dec Nat.eq_dec j (map (fun i => (t + i) mod l) (seq 0 d))) as [Hin|Hout].
  - apply in_map_iff in Hin as (i & Ei & Hi). apply in_seq in Hi. apply (IH i); lia.
  - exists d. split; [exact Hd|]. split; [exact E|]. intros i Hi Ei. apply Hout.
    apply in_map_iff. exists i. split; [exact Ei|]. apply in_seq. lia.
Qed.

Lemma NoDup_app (C D : cache) : NoDup C -> NoDup D -> (forall q, In q C -> ~ In q D) -> NoDup (C ++ D).
Proof.
  induction 1 as [|x C Hx HC IH]; intros HD H; [exact HD|]. simpl. constructor.
  - rewrite in_app_iff. intros [?|?]; [contradiction|]. apply (H x); [now left | assumption].
  - apply IH; [exact HD|]. intros q Hq. apply H. now right.
Qed.

Lemma In_firstn (m : nat) (C : cache) q : In q (firstn m C) -> In q C.
Proof. intros H. rewrite <- (firstn_skipn m C). apply in_or_app. now left. Qed.

Lemma NoDup_firstn m (C : cache) : NoDup C -> NoDup (firstn m C).
Proof.
  intros H. revert m. induction H as [|x C Hx HC IH]; intros [|m]; simpl; try constructor; auto.
  intros Hin. now apply Hx, (In_firstn m).
Qed.

(** Any number of pages from l to l n, with the first page of every layer among them. *)
Lemma pages_exist l n m : 1 <= n -> l <= m -> m <= l * n ->
  exists W, NoDup W /\ length W = m /\ (forall p, In p W -> p < l * n) /\
            (forall j, j < l -> In (j * n) W).
Proof.
  intros Hn Hl Hm. set (base := map (fun j => j * n) (seq 0 l)).
  set (rest := filter (fun p => negb (mem p base)) (seq 0 (l * n))).
  assert (HB : NoDup base).
  { subst base. generalize (seq_NoDup l 0). generalize (seq 0 l). intros C HC.
    induction HC as [|x C Hx HC IH]; simpl; constructor; auto.
    rewrite in_map_iff. intros (y & E & Hy). apply Nat.mul_cancel_r in E; [|lia]. now subst. }
  assert (HR : l * n - l <= length rest).
  { pose proof (count_split (fun p => mem p base) (seq 0 (l * n))) as E. rewrite seq_length in E.
    assert (H : count (fun p => mem p base) (seq 0 (l * n)) <= count (fun _ => true) base).
    { apply count_le; [apply seq_NoDup|]. intros q _ Hq. split; [now apply mem_In | reflexivity]. }
    assert (HL : count (fun _ => true) base = l).
    { rewrite count_true by reflexivity. unfold base. now rewrite map_length, seq_length. }
    change (length rest) with (count (fun p => negb (mem p base)) (seq 0 (l * n))). lia. }
  exists (base ++ firstn (m - l) rest). split; [|split; [|split]].
  - apply NoDup_app; [exact HB | apply NoDup_firstn, NoDup_filter, seq_NoDup |].
    intros q Hq Hr. apply In_firstn in Hr. apply filter_In in Hr as [_ Hr].
    apply mem_In in Hq. rewrite Hq in Hr. discriminate.
  - rewrite app_length, firstn_length. unfold base at 1. rewrite map_length, seq_length. lia.
  - intros p Hp. apply in_app_or in Hp as [Hp|Hp].
    + apply in_map_iff in Hp as (j & <- & Hj). apply in_seq in Hj. apply Nat.mul_lt_mono_pos_r; lia.
    + apply In_firstn in Hp. apply filter_In in Hp as [Hp _]. apply in_seq in Hp. lia.
  - intros j Hj. apply in_or_app. left. apply in_map_iff. exists j. split; [reflexivity|].
    apply in_seq. lia.
Qed.

Lemma layer_first n j : 1 <= n -> layer n (j * n) = j.
Proof. intros Hn. unfold layer. apply Nat.div_mul. lia. Qed.

Lemma layer_lt l n p : p < l * n -> layer n p < l.
Proof.
  intros H. unfold layer. apply Nat.div_lt_upper_bound; [intros ->; lia | lia].
Qed.
