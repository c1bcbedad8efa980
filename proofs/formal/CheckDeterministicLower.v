(** * CheckDeterministicLower: a checker of certificates that every deterministic policy has at least a ratio

    proofs/soundness.md, `deterministic-lower`, L1 and L2. Main theorem: [check_deterministic_lower_sound]. *)

From Coq Require Import List Arith NArith Lia Bool.
From LayeredPaging Require Import Model Sets Offset Lazy LowerBound Labels Leave Table Warm Claims.
Import ListNotations.

(** ** The checker *)

(** A state of the play, its potential, how many hits it is away from a miss, and the position that the
    adversary requests. *)
Record entry := Entry { place : list (list label); value : N; rank : nat; asked : nat }.

Definition state_of (e : entry) : state := (place e, []).

(** All that can become of tokens when one cached page leaves. *)
Definition clear : list (list nat) -> list (list (list nat)) := leave Nat.odd (fun _ => 0).

Section Checker.

Variables l n k : nat.
Variables p q : N.

Definition check_entry (T : table entry) (e : entry) : bool :=
  match label_at (place e) (asked e) with
  | None => false
  | Some (level, token) =>
      let growth := if k <? level then 1 else 0 in
      let tokens := each snd (place e) in
      let next tokens' := look_up entry state_of T (serve k (asked e) level tokens' (place e), []) in
      if Nat.odd token
      then match next tokens with
           | None => false
           | Some e' => gains p q (value e) (value e') 0 growth && (rank e' <? rank e)
           end
      else forallb (fun cleared => match next (set_first (asked e) 1 cleared) with
                                   | None => false
                                   | Some e' => gains p q (value e) (value e') 1 growth
                                   end) (clear tokens)
  end.

Definition check (entries : list entry) : bool :=
  let T := tabulate entry state_of entries in
  warm_ok l n k &&
  match look_up entry state_of T (first_place l n k, []) with
  | None => false
  | Some _ => forallb (check_entry T) entries
  end.

(** ** Soundness *)

Section Sound.

Variable entries : list entry.
Hypothesis accepted : check entries = true.

Variable A : policy.
Hypothesis A_legal : legal l n k A.

Let w := warm l n k.
Let X := full l n k.
Let F := follower k A w X.
Let T := tabulate entry state_of entries.

Let token (D : cache) (x : page) : nat := if mem x D then 1 else 0.
Let lab (σ : list page) (x : page) : label := (levels_of k (w ++ σ) x, token (F σ) x).

(** After [w] and [σ] the play against the follower of [A] is in the state of the entry. *)
Let meets (σ : list page) (e : entry) : Prop :=
  layered l n (w ++ σ) /\ In e entries /\
  exists P, arranged l n (length (w ++ σ)) P /\ each (lab σ) P = place e.

Let P' := N.to_nat p.
Let Q' := N.to_nat q.

Lemma accepted_warm : 1 <= l /\ 1 <= n /\ 1 <= k /\ layered l n w /\
  length w mod l = 0 /\ NoDup X /\ length X = k /\ forall x, In x X -> x < l * n.
Proof.
  apply warm_ok_spec. unfold check in accepted. apply andb_prop in accepted. apply accepted.
Qed.

Lemma accepted_entry e : In e entries -> check_entry T e = true.
Proof.
  intros He. unfold check in accepted. apply andb_prop in accepted as [_ H]. fold T in H.
  destruct (look_up _ _ _ _); [|discriminate]. rewrite forallb_forall in H. now apply H.
Qed.

Lemma meets_first : exists e, meets [] e.
Proof.
  destruct accepted_warm as (Hl & Hn & Hk & Hw & H0 & HN & HX & Hp).
  unfold check in accepted. apply andb_prop in accepted as [_ H]. fold T in H.
  destruct (look_up _ _ _ _) as [e|] eqn:E; [|discriminate]. apply look_up_spec in E as [He HE].
  injection HE as HE. exists e. unfold meets. rewrite app_nil_r. split; [exact Hw|]. split; [exact He|].
  exists (map (sort (lab [])) (in_order l n)). split.
  - apply arranged_sort. apply arranged_mod with 0; [exact Hl | | now apply arranged_in_order].
    now rewrite H0, Nat.mod_0_l by lia.
  - rewrite each_sort, HE. apply first_place_view; auto. intros x. unfold lab. now rewrite app_nil_r.
Qed.

Lemma next_meets σ e x ts row rest i : meets σ e -> layered l n (w ++ σ ++ [x]) ->
  arranged l n (length (w ++ σ)) (row :: rest) -> each (lab σ) (row :: rest) = place e ->
  nth_error row i = Some x -> each (token (F (σ ++ [x]))) (row :: rest) = ts -> forall e',
  look_up entry state_of T (serve k i (levels_of k (w ++ σ) x) ts (place e), []) = Some e' ->
  meets (σ ++ [x]) e'.
Proof.
  intros (_ & _ & _) Hσ HA HE Hi Hts e' E. apply look_up_spec in E as [He' E]. injection E as E.
  split; [exact Hσ|]. split; [exact He'|].
  destruct (served l n k (proj1 accepted_warm) (lab σ) (lab (σ ++ [x])) (levels_of k (w ++ σ))
    _ row rest i x HA Hi) as [H1 H2].
  - reflexivity.
  - intros y. unfold lab. simpl. now rewrite app_assoc, levels_snoc.
  - exists (settle (lab (σ ++ [x])) (row :: rest)). split.
    + rewrite app_assoc, app_length, Nat.add_1_r. exact H1.
    + rewrite H2, E, HE. f_equal. exact Hts.
Qed.

(** The adversary's request, and what it gains. *)
Lemma meets_step σ e : meets σ e -> exists x e', meets (σ ++ [x]) e' /\
  N.to_nat (value e) + P' * growths k (w ++ σ ++ [x]) + Q' * cost F σ
    <= Q' * cost F (σ ++ [x]) + P' * growths k (w ++ σ) + N.to_nat (value e') /\
  (cost F σ + 1 <= cost F (σ ++ [x]) \/ rank e' < rank e).
Proof.
  intros Hm. pose proof Hm as (Hσ & He & P & HA & HE).
  destruct accepted_warm as (Hl & Hn & Hk & Hw & _ & HN & HX & Hp).
  pose proof (accepted_entry e He) as HC. unfold check_entry in HC.
  destruct (label_at (place e) (asked e)) as [[level tok]|] eqn:HB; [|discriminate].
  rewrite <- HE in HB. apply label_at_page in HB as (x & row & rest & -> & Hi & HB).
  injection HB as HL HT. subst level. pose proof (arranged_row l n Hl _ _ HA) as (row' & rest' & HR & Hrow).
  injection HR as <- <-.
  assert (Hσx : layered l n (w ++ σ ++ [x])).
  { rewrite app_assoc. apply nth_error_In, Hrow in Hi as [H1 H2]. now apply layered_snoc. }
  destruct (follower_full l n k A w X A_legal Hk HN HX Hp σ Hσ) as [HFL HFP].
  destruct (follower_moves l n k A w X A_legal Hk HN HX σ x Hσx HFL) as [_ HM].
  fold F in HFL, HFP, HM. cbv zeta in HM.
  exists x. rewrite app_assoc, growths_snoc, cost_snoc. unfold grows.
  set (g := if k <? levels_of k (w ++ σ) x then 1 else 0) in *.
  destruct HM as [[Hx HD] | (Hx & v & Hv & HD)].
  - (* a hit *)
    assert (H : tok = 1) by (subst tok; unfold token; apply mem_In in Hx; now rewrite Hx).
    rewrite H in HC. simpl in HC.
    destruct (look_up _ _ _ _) as [e'|] eqn:E; [|discriminate]. apply andb_prop in HC as [HG HR].
    exists e'. split; [|split; [|right; now apply Nat.ltb_lt]].
    + refine (next_meets σ e x _ row rest _ Hm Hσx HA HE Hi _ e' E).
      rewrite HD, <- HE, each_each. reflexivity.
    + apply gains_spec in HG. rewrite HD. rewrite !Nat.mul_add_distr_l. fold P' Q' in HG. lia.
  - (* a miss *)
    assert (H : tok = 0) by (subst tok; unfold token; apply mem_not_In in Hx; now rewrite Hx).
    rewrite H in HC. simpl in HC. rewrite forallb_forall in HC.
    set (ts := each (left_by (fun _ => 0) (token (F σ)) v) (row :: rest)).
    specialize (HC ts). rewrite <- HE in HC at 1. rewrite each_each in HC. simpl in HC.
    assert (Hodd : Nat.odd (token (F σ) v) = true) by (unfold token; apply mem_In in Hv; now rewrite Hv).
    specialize (HC (leave_In nat Nat.odd (fun _ => 0) (token (F σ)) v Hodd (row :: rest) (proj1 (proj2 HA))
      (proj2 (arranged_In l n Hl _ _ v HA) (HFP v Hv)))).
    destruct (look_up _ _ _ _) as [e'|] eqn:E; [|discriminate].
    assert (HL : 1 <= loads (F σ) (F (σ ++ [x]))).
    { apply (loads_miss _ _ x); [|exact Hx]. rewrite HD. now left. }
    exists e'. split; [|split; [|left; lia]].
    + refine (next_meets σ e x _ row rest _ Hm Hσx HA HE Hi _ e' E).
      rewrite HD. unfold ts.
      rewrite (set_first_each (token (x :: evict v (F σ))) (left_by (fun _ => 0) (token (F σ)) v)
        row rest (asked e) x (proj1 (proj2 HA)) Hi).
      * f_equal. unfold token, mem. simpl. now rewrite Nat.eqb_refl.
      * intros y Hy. unfold left_by, token. simpl. destruct (Nat.eqb_spec y x); [contradiction|]. simpl.
        destruct (Nat.eqb_spec y v) as [->|Hyv].
        -- destruct (mem v (evict v (F σ))) eqn:M; [|reflexivity]. apply mem_In, In_evict in M. tauto.
        -- destruct (mem y (F σ)) eqn:M.
           ++ apply mem_In in M. assert (M' : In y (evict v (F σ))) by now apply In_evict.
              apply mem_In in M'. now rewrite M'.
           ++ apply mem_not_In in M. assert (M' : ~ In y (evict v (F σ))) by (rewrite In_evict; tauto).
              apply mem_not_In in M'. now rewrite M'.
    + apply gains_spec in HC. rewrite !Nat.mul_add_distr_l. fold P' Q' in HC. nia.
Qed.

(** Until the next load. *)
Lemma meets_load r : forall σ e, rank e <= r -> meets σ e -> exists σ' e', meets σ' e' /\
  N.to_nat (value e) + P' * growths k (w ++ σ') + Q' * cost F σ
    <= Q' * cost F σ' + P' * growths k (w ++ σ) + N.to_nat (value e') /\
  cost F σ + 1 <= cost F σ'.
Proof.
  induction r as [|r IH]; intros σ e Hr Hm;
    destruct (meets_step σ e Hm) as (x & e' & Hm' & HV & [HL|HR]); try lia;
    try (exists (σ ++ [x]), e'; split; [exact Hm' | split; [exact HV | exact HL]]).
  destruct (IH (σ ++ [x]) e' ltac:(lia) Hm') as (σ' & e'' & Hm'' & HV' & HC).
  exists σ', e''. split; [exact Hm''|]. rewrite cost_snoc in HC. split; lia.
Qed.

Lemma values_bounded : exists M, forall e, In e entries -> N.to_nat (value e) <= M.
Proof.
  clear. induction entries as [|a r [M H]]; [exists 0; easy|].
  exists (N.to_nat (value a) + M). intros e [<-|He]; [lia|]. specialize (H e He). lia.
Qed.

Theorem check_sound : ratio_at_least l n k A P' Q'.
Proof.
  destruct accepted_warm as (Hl & Hn & Hk & Hw & _ & HN & HX & Hp).
  destruct values_bounded as [M HM]. destruct meets_first as [e0 H0].
  assert (P : forall N, exists σ e, meets σ e /\ N <= cost F σ /\
    N.to_nat (value e0) + P' * growths k (w ++ σ)
      <= Q' * cost F σ + P' * growths k (w ++ []) + N.to_nat (value e)).
  { induction N as [|N (σ & e & Hm & HC & HV)].
    - exists [], e0. split; [exact H0|]. unfold cost. simpl. lia.
    - destruct (meets_load (rank e) σ e (le_n _) Hm) as (σ' & e' & Hm' & HV' & HC').
      exists σ', e'. split; [exact Hm'|]. split; lia. }
  apply (lower_by_follower l n k A w X A_legal Hk HN HX Hw P' Q' (P' * growths k (w ++ []) + M)).
  intros N. destruct (P N) as (σ & e & (Hσ & He & _) & HC & HV). specialize (HM e He).
  exists σ. split; [exact Hσ|]. split; [fold F; lia | exact HC].
Qed.

End Sound.

End Checker.

(** If it accepts, every deterministic policy has ratio at least p/q. The numbers of the entries are
    multiplied by [d]. *)
Definition check_deterministic_lower (l n k : nat) (p q d : N) (entries : list entry) : bool :=
  (1 <=? d)%N && check l n k (d * p) (d * q) entries.

Theorem check_deterministic_lower_sound l n k p q d entries :
  check_deterministic_lower l n k p q d entries = true ->
  forall A, legal l n k A -> ratio_at_least l n k A (N.to_nat p) (N.to_nat q).
Proof.
  intros H A HA. unfold check_deterministic_lower in H. apply andb_prop in H as [Hd H].
  apply leb_to_nat in Hd. apply (ratio_at_least_scaled l n k A _ _ (N.to_nat d)); [exact Hd|].
  rewrite <- !N2Nat.inj_mul. exact (check_sound l n k _ _ entries H A HA).
Qed.

