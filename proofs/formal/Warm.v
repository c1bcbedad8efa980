(** * Warm: from empty caches to full ones

    proofs/soundness.md, Lemma 4. The certificates of all deterministic policies begin with a full cache of
    known pages, for ALG and for OPT. In [Model.v] everybody begins empty. Here OPT is brought there by
    requests [w], after which the sets of the offset function are what the certificate says;
    and a lazy policy [follower] begins with the full cache after [w] and follows ALG ever after, at no
    more than the cost of ALG and [k]. Main theorems: [levels_list_spec], [lower_by_follower],
    [growths_warm]. *)

From Coq Require Import List Arith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Lazy LowerBound Labels.
Import ListNotations.

(** ** The levels after given requests, by computation *)

Definition levels_list (k N : nat) (w : list page) : list nat :=
  fold_left (fun Ls x => set_nth x 1 (map (risen k (nth x Ls (S k))) Ls)) w (repeat (S k) N).

Lemma levels_list_spec k N w : (forall x, In x w -> x < N) ->
  levels_list k N w = map (levels_of k w) (seq 0 N).
Proof.
  induction w as [|w x IH] using snoc_ind; intros H.
  - unfold levels_list. simpl. generalize 0. induction N as [|N IH]; intros a; [reflexivity|].
    simpl. now rewrite (IH (fun _ F => match F with end) (S a)).
  - assert (Hx : x < N) by (apply H, in_or_app; right; now left).
    unfold levels_list in *. rewrite fold_left_app. simpl. rewrite IH by (intros y Hy; apply H, in_or_app; now left).
    rewrite map_map. rewrite (nth_indep _ _ (levels_of k w 0)) by now rewrite map_length, seq_length.
    rewrite map_nth, seq_nth by assumption. simpl.
    rewrite (set_nth_map (levels_of k (w ++ [x])) (fun p => risen k (levels_of k w x) (levels_of k w p)) _ x x).
    + now rewrite levels_snoc, request_same.
    + apply seq_NoDup.
    + rewrite (nth_error_nth' _ 0) by now rewrite seq_length. now rewrite seq_nth.
    + intros p Hp. rewrite levels_snoc. unfold request, risen. apply Nat.eqb_neq in Hp. now rewrite Hp.
Qed.

Definition layeredb (l n : nat) (w : list page) : bool :=
  forallb (fun tp => (snd tp <? l * n) && (layer n (snd tp) =? fst tp mod l)) (combine (seq 0 (length w)) w).

Lemma layeredb_spec l n w : layeredb l n w = true -> layered l n w.
Proof.
  intros H t p Hp. unfold layeredb in H. rewrite forallb_forall in H.
  assert (Ht : t < length w) by (apply nth_error_Some; congruence).
  specialize (H (t, p)). simpl in H. rewrite andb_true_iff, Nat.ltb_lt, Nat.eqb_eq in H. apply H.
  apply (nth_error_In _ t). clear H Ht.
  assert (G : forall a p, nth_error w t = Some p -> nth_error (combine (seq a (length w)) w) t = Some (a + t, p)).
  { clear p Hp. revert t. induction w as [|x w IH]; intros t a p Hp; [destruct t; discriminate|].
    destruct t as [|t]; simpl in *; [injection Hp as ->; now rewrite Nat.add_0_r|].
    rewrite (IH t (S a) p Hp). do 2 f_equal. lia. }
  exact (G 0 p Hp).
Qed.

Lemma layered_bound l n w x : layered l n w -> In x w -> x < l * n.
Proof. intros H Hx. apply In_nth_error in Hx as [t Ht]. now apply (H t x). Qed.

(** ** The requests: page x_i of the full cache was requested i requests ago *)

Section Pages.

Variables l n k : nat.

Definition ago (i e : nat) : page := (l - i mod l) mod l * n + e.

Definition full : cache := map (fun i => ago i ((i - 1) / l)) (seq 1 k).

(** The pages of [full] in turn, and in layers that have none the first one. *)
Definition warm_page (i : nat) : page :=
  ago i (((i - 1) / l) mod Nat.max 1 (length (filter (fun j => j mod l =? i mod l) (seq 1 k)))).

Definition rounds (r : nat) : list page := map warm_page (rev (seq 1 (r * l))).

(** As many rounds as it takes. *)
Definition warm : list page :=
  let goal := map (fun p => match find (fun i => ago i ((i - 1) / l) =? p) (seq 1 k) with
                            | Some i => i
                            | None => S k
                            end) (seq 0 (l * n)) in
  match find (fun r => if list_eq_dec Nat.eq_dec (levels_list k (l * n) (rounds r)) goal then true else false)
             (seq 1 (4 * k + 4)) with
  | Some r => rounds r
  | None => []
  end.

(** What is used of both. *)
Definition warm_ok : bool :=
  (1 <=? l) && (1 <=? n) && (1 <=? k) && layeredb l n warm && (length warm mod l =? 0) &&
  (if list_eq_dec Nat.eq_dec (nodup Nat.eq_dec full) full then true else false) && forallb (fun x => x <? l * n) full.

Lemma warm_ok_spec : warm_ok = true -> 1 <= l /\ 1 <= n /\ 1 <= k /\ layered l n warm /\
  length warm mod l = 0 /\ NoDup full /\ length full = k /\ forall x, In x full -> x < l * n.
Proof.
  unfold warm_ok. rewrite !andb_true_iff, !Nat.leb_le, Nat.eqb_eq, forallb_forall.
  intros [[[[[[H1 H2] H3] H4] H5] H6] H7]. destruct (list_eq_dec _ _ _) as [E|]; [|discriminate].
  assert (HN : NoDup full) by (rewrite <- E; apply NoDup_nodup).
  repeat split; auto; try (now apply layeredb_spec in H4; apply (H4 t p)).
  - unfold full. now rewrite map_length, seq_length.
  - intros x Hx. apply Nat.ltb_lt. now apply H7.
Qed.

(** The state after them, with the full cache. *)
Definition first_label (x : page) : label :=
  (nth x (levels_list k (l * n) warm) 0, if mem x full then 1 else 0).

Definition first_place : list (list label) := map (sort (fun b => b)) (each first_label (in_order l n)).

Lemma first_place_view lab : 1 <= l -> 1 <= n -> layered l n warm ->
  (forall x, lab x = (levels_of k warm x, if mem x full then 1 else 0)) ->
  map (sort (fun b => b)) (each lab (in_order l n)) = first_place.
Proof.
  intros Hl Hn Hw H. unfold first_place. f_equal. apply each_ext_in. intros x Hx.
  apply (arranged_In l n Hl 0 _ x (arranged_in_order l n Hl Hn)) in Hx. unfold first_label.
  rewrite H, levels_list_spec; [|intros y; now apply layered_bound].
  rewrite (nth_indep _ _ (levels_of k warm 0)) by now rewrite map_length, seq_length.
  now rewrite map_nth, seq_nth.
Qed.

End Pages.

(** ** OPT *)

(** A schedule for [σ] can be put behind another. *)
Lemma schedule_behind k w σ D d C c : schedule k w D d -> schedule k σ C c ->
  exists C' c', schedule k (w ++ σ) C' c' /\ c' <= d + c /\ (σ = [] \/ C' = C).
Proof.
  intros HD. induction 1 as [|σ C c p C' HS (E & e & HE & He & HC) HF Hp].
  - exists D, d. rewrite app_nil_r. split; [exact HD|]. split; [lia | now left].
  - exists C', (e + loads E C'). rewrite app_assoc. split; [now constructor|]. split; [|now right].
    destruct HC as [-> | ->]; [|lia].
    assert (loads E C' <= loads C C'); [|lia].
    inversion HS as [E1 | σ' ? ? ? ? ? ? ? E1]; [|now destruct σ'].
    rewrite !loads_count. apply count_imp. reflexivity.
Qed.

(** Not more growths from the levels after [w] than from the start. *)
Theorem growths_warm k w σ : 1 <= k -> growths_from k (levels_of k w) σ <= growths k σ.
Proof.
  intros slots. destruct (growths_is_opt k slots w) as [[D HD] _].
  destruct (growths_is_opt k slots σ) as [[C HC] _].
  destruct (schedule_behind k w σ D _ C _ HD HC) as (C' & c' & HS & Hc & _).
  destruct (growths_is_opt k slots (w ++ σ)) as [_ HL]. specialize (HL _ _ HS).
  unfold growths in *. rewrite growths_from_app in HL. unfold levels_of. lia.
Qed.

(** ** The follower of a policy *)

(** A full cache that follows lazily stays full. On a miss one page leaves. *)
Lemma lazy_next_full k D x C : NoDup D -> length D = k -> fits k C -> In x C ->
  let D' := lazy_next k D x C in
  length D' = k /\ ((In x D /\ D' = D) \/ (~ In x D /\ exists v, In v D /\ D' = x :: evict v D)).
Proof.
  intros HN HL HF Hx. cbv zeta. unfold lazy_next. destruct (mem x D) eqn:M.
  - apply mem_In in M. auto.
  - apply mem_not_In in M. destruct (length D <? k) eqn:E; [apply Nat.ltb_lt in E; lia|].
    destruct (spare_spec k D C x (proj2 HF) HL HN Hx M) as [HS _].
    split; [simpl; rewrite length_evict; [exact HL | exact HN | exact HS]|]. right. split; [exact M|]. eauto.
Qed.

Section Follower.

Variables l n k : nat.
Variable A : policy.
Variables (w : list page) (X : cache).
Hypothesis A_legal : legal l n k A.
Hypothesis slots : 1 <= k.
Hypothesis X_set : NoDup X.
Hypothesis X_full : length X = k.
Hypothesis X_pages : forall x, In x X -> x < l * n.
Hypothesis w_layered : layered l n w.

Definition follower (σ : list page) : cache := follow k A X w σ.

Lemma follower_snoc σ x : follower (σ ++ [x]) = lazy_next k (follower σ) x (A (w ++ σ ++ [x])).
Proof. unfold follower. rewrite follow_app. simpl. now rewrite <- app_assoc. Qed.

Lemma follower_facts σ : layered l n (w ++ σ) -> fits k (follower σ) /\
  cost follower σ + loads (follower σ) (A (w ++ σ)) + cost A w <= cost A (w ++ σ) + loads X (A w).
Proof.
  induction σ as [|σ x IH] using snoc_ind; intros Hσ.
  - rewrite app_nil_r. split; [split; [exact X_set | unfold follower; simpl; lia]|]. unfold cost at 1. simpl.
    unfold follower. simpl. lia.
  - rewrite app_assoc in Hσ. destruct IH as [HF HC]; [now apply layered_prefix in Hσ|].
    destruct (proj2 A_legal (w ++ σ) x Hσ) as [HF' Hx].
    destruct (lazy_next_spec k (follower σ) x (A ((w ++ σ) ++ [x])) HF HF' Hx) as (_ & H2 & _ & H4).
    rewrite follower_snoc, app_assoc. split; [exact H2|]. rewrite !cost_snoc, follower_snoc, app_assoc.
    pose proof (loads_triangle (follower σ) (A (w ++ σ)) (A ((w ++ σ) ++ [x])) (proj1 HF')). lia.
Qed.

Lemma follower_costs σ : layered l n (w ++ σ) -> cost follower σ <= cost A (w ++ σ) + k.
Proof.
  intros Hσ. destruct (follower_facts σ Hσ) as [_ H].
  assert (loads X (A w) <= k); [|lia]. rewrite loads_count.
  apply Nat.le_trans with (length (A w)); [apply count_le_length|].
  exact (proj2 (schedule_fits _ _ _ _ (policy_schedule l n k A w A_legal w_layered))).
Qed.

(** The follower's cache is full, always. On a miss one page leaves. *)
Lemma follower_moves σ x : layered l n (w ++ σ ++ [x]) ->
  length (follower σ) = k -> let D := follower σ in let D' := follower (σ ++ [x]) in
  length D' = k /\
  ((In x D /\ D' = D) \/
   (~ In x D /\ exists v, In v D /\ D' = x :: evict v D)).
Proof.
  intros Hσ HL. cbv zeta. rewrite follower_snoc. rewrite app_assoc in Hσ |- *.
  destruct (follower_facts σ) as [HF _]; [now apply layered_prefix in Hσ|].
  destruct (proj2 A_legal (w ++ σ) x Hσ) as [HF' Hx]. exact (lazy_next_full k _ x _ (proj1 HF) HL HF' Hx).
Qed.

Lemma follower_full σ : layered l n (w ++ σ) ->
  length (follower σ) = k /\ forall q, In q (follower σ) -> q < l * n.
Proof.
  induction σ as [|σ x IH] using snoc_ind; intros Hσ; [split; [exact X_full | exact X_pages]|].
  destruct IH as [HL HP]; [rewrite app_assoc in Hσ; now apply layered_prefix in Hσ|].
  destruct (follower_moves σ x Hσ HL) as [HL' [[_ HD] | (_ & v & _ & HD)]]; (split; [exact HL'|]);
    rewrite HD; [exact HP|]. intros q [<-|Hq].
  - apply (layered_bound l n _ x Hσ). apply in_or_app. right. apply in_or_app. right. now left.
  - apply In_evict in Hq. now apply HP.
Qed.

(** What is proved of the cost of the follower holds for [A]. *)
Theorem lower_by_follower p q c :
  (forall N, exists σ, layered l n (w ++ σ) /\
    p * growths k (w ++ σ) <= q * cost follower σ + c /\ N <= cost follower σ) ->
  ratio_at_least l n k A p q.
Proof.
  intros H. apply (lower_bound l n k A slots p q (c + q * k)). intros N.
  destruct (H (N + k)) as (σ & Hσ & HC & HN). pose proof (follower_costs σ Hσ) as HF.
  destruct (growths_is_opt k slots (w ++ σ)) as [[D HD] _].
  exists (w ++ σ), D, (growths k (w ++ σ)). split; [exact Hσ|]. split; [exact HD|]. split; [|lia].
  assert (HQ : q * cost follower σ <= q * (cost A (w ++ σ) + k)) by now apply Nat.mul_le_mono_l.
  rewrite Nat.mul_add_distr_l in HQ. lia.
Qed.

End Follower.
