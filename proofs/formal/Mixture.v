(** * Mixture: a randomized policy that draws its next cache from the one it holds

    proofs/soundness.md, `randomized-upper`. After every sequence of requests it is said with which
    probabilities each cache is held, [mix]; and with which probabilities one cache follows another, [follows].
    If the two agree, a policy can draw like that, and potentials with U1 prove its ratio. Main theorems:
    [mixed_legal], [mixed_upper]. *)

From Coq Require Import List Arith QArith Lqa Lia.
From LayeredPaging Require Import Model RandomModel Sets Expect Offset LowerBound Warm.
Import ListNotations.
Open Scope Q_scope.

Definition cache_eq_dec : forall C C' : cache, {C = C'} + {C <> C'} := list_eq_dec Nat.eq_dec.

Section Mixture.

Variables l n k : nat.
Hypothesis slots : (1 <= k)%nat.

(** After the requests so far; and after one more, if a cache was held before it. *)
Variable mix : list page -> distribution cache.
Variable follows : list page -> page -> cache -> distribution cache.

(** The first cache is drawn at the first request. A cache that is never held is followed by any. *)
Definition mixed : random_policy := fun σ held =>
  match held with
  | C :: _ => if in_dec cache_eq_dec C (map fst (mix (removelast σ))) then follows (removelast σ) (last σ 0%nat) C
              else mix σ
  | [] => mix σ
  end.

Hypothesis mix_proper : forall σ, layered l n σ -> proper (mix σ).
Hypothesis mix_fits : forall σ p C, layered l n (σ ++ [p]) -> In C (map fst (mix (σ ++ [p]))) -> fits k C /\ In p C.
Hypothesis follows_proper : forall σ p C, layered l n (σ ++ [p]) -> In C (map fst (mix σ)) ->
  proper (follows σ p C) /\ incl (map fst (follows σ p C)) (map fst (mix (σ ++ [p]))).

(** What arrives is what is held next. *)
Hypothesis balanced : forall σ p f, layered l n (σ ++ [p]) ->
  expect (mix σ) (fun C => expect (follows σ p C) f) == expect (mix (σ ++ [p])) f.

Lemma mixed_next σ p C h : In C (map fst (mix σ)) -> mixed (σ ++ [p]) (C :: h) = follows σ p C.
Proof. intros H. unfold mixed. rewrite removelast_last, last_last. now destruct (in_dec _ _ _). Qed.

Theorem mixed_legal : random_legal l n k mixed.
Proof.
  intros σ p held Hσ.
  assert (HM : forall C, In C (map fst (mix (σ ++ [p]))) -> fits k C /\ In p C) by (intros C; now apply mix_fits).
  destruct held as [|C h]; [split; [now apply mix_proper | exact HM]|].
  destruct (in_dec cache_eq_dec C (map fst (mix σ))) as [H|H].
  - rewrite mixed_next by assumption. destruct (follows_proper σ p C Hσ H) as [HP HI]. split; [exact HP|].
    intros C' HC. apply HM. now apply HI.
  - unfold mixed. rewrite removelast_last. destruct (in_dec _ _ _); [easy|].
    split; [now apply mix_proper | exact HM].
Qed.

(** ** What it pays *)

(** Of the caches held so far only the last one matters. *)
Lemma mixed_forgets future : forall σ C h,
  expected_after mixed σ (C :: h) future == expected_after mixed σ [C] future.
Proof.
  induction future as [|p rest IH]; intros σ C h; cbn [expected_after]; [reflexivity|].
  change (mixed (σ ++ [p]) (C :: h)) with (mixed (σ ++ [p]) [C]). apply expect_ext. intros C' _. simpl hd.
  now rewrite (IH _ C' (C :: h)), (IH _ C' [C]).
Qed.

(** Potentials, at most what is paid ahead. Growth is that of the levels after some requests [w]. *)
Variable w : list page.
Variable r : Q.
Variable V : list page -> Q.
Hypothesis r_pos : 0 <= r.
Hypothesis V_pos : forall σ, 0 <= V σ.
Hypothesis enough : forall σ p, layered l n (σ ++ [p]) ->
  expect (mix σ) (fun C => expect (follows σ p C) (fun C' => rational (loads C C'))) + V (σ ++ [p])
    <= V σ + r * rational (if grows k (levels_of k (w ++ σ)) p then 1 else 0).

Lemma mixed_pays future : forall σ, layered l n (σ ++ future) ->
  expect (mix σ) (fun C => expected_after mixed σ [C] future)
    <= r * rational (growths_from k (levels_of k (w ++ σ)) future) + V σ.
Proof.
  induction future as [|p rest IH]; intros σ Hσ.
  - simpl. rewrite app_nil_r in Hσ. rewrite expect_const by now apply mix_proper.
    pose proof (V_pos σ). change (rational 0) with 0. lra.
  - change (p :: rest) with ([p] ++ rest) in Hσ. rewrite app_assoc in Hσ.
    pose proof (layered_prefix _ _ _ _ Hσ) as Hp. specialize (IH (σ ++ [p]) Hσ).
    set (f := fun C' => expected_after mixed (σ ++ [p]) [C'] rest) in *.
    assert (E : expect (mix σ) (fun C => expected_after mixed σ [C] (p :: rest)) ==
      expect (mix σ) (fun C => expect (follows σ p C) (fun C' => rational (loads C C'))) + expect (mix (σ ++ [p])) f).
    { rewrite <- (balanced σ p f Hp), <- expect_plus. apply expect_ext. intros C HC.
      cbn [expected_after]. rewrite mixed_next, <- expect_plus by assumption. apply expect_ext. intros C' _.
      unfold f. rewrite (mixed_forgets rest _ C' [C]). reflexivity. }
    rewrite E. simpl growths_from. pose proof (enough σ p Hp) as HE. rewrite rational_plus.
    rewrite app_assoc, levels_snoc in IH. lra.
Qed.

Theorem mixed_upper : random_competitive l n k mixed r.
Proof.
  exists (rational k + V []). intros σ m Hσ Hm. rewrite (opt_growths k slots σ m Hm).
  pose proof (V_pos []) as H0. pose proof (rational_pos k) as Hk.
  assert (HW : r * rational (growths_from k (levels_of k w) σ) <= r * rational (growths k σ)).
  { rewrite !(Qmult_comm r). apply Qmult_le_compat_r; [|exact r_pos]. apply rational_le. now apply growths_warm. }
  fold (rational (growths k σ)). destruct σ as [|p rest].
  - unfold expected_cost. simpl. change (rational (growths k [])) with 0. lra.
  - pose proof (layered_prefix l n [p] rest Hσ) as Hp.
    pose proof (mixed_pays rest [p] Hσ) as HC. pose proof (enough [] p Hp) as HE. rewrite app_nil_r in HE.
    assert (HP : 0 <= expect (mix []) (fun C => expect (follows [] p C) (fun C' => rational (loads C C')))).
    { apply expect_least; [apply mix_proper, layered_nil|]. intros C HC'.
      apply expect_least; [now apply follows_proper|]. intros. apply rational_pos. }
    assert (E : expected_cost mixed (p :: rest) <= rational k + expect (mix [p]) (fun C => expected_after mixed [p] [C] rest)).
    { unfold expected_cost. cbn [expected_after app hd]. unfold mixed at 1. rewrite expect_plus.
      assert (HL : expect (mix [p]) (fun C => rational (loads [] C)) <= rational k); [|unfold rational at 1 in HL; lra].
      apply expect_most; [now apply mix_proper|]. intros C HC'. apply rational_le.
      destruct (mix_fits [] p C Hp HC') as [[_ HF] _]. rewrite loads_count.
      pose proof (count_le_length (fun x => negb (mem x [])) C). lia. }
    simpl growths_from in HW. rewrite rational_plus in HW. rewrite levels_snoc in HC.
    cbn [app] in HE. lra.
Qed.

End Mixture.
